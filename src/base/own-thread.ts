/** A thread's own side: what it is started with, and the port to whoever started it. */

/** Where a thread's loop listens and answers; any `MessagePort` will do. */
export interface OwnerPort<In> {
  on(event: 'message', listener: (message: In) => void): unknown;
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  postMessage(message: unknown): void;
  /** Nothing is heard any more, so the thread ends when nothing else keeps it. */
  close(): void;
}

/**
 * Calls `run` once, with what the thread was started with. To be called while the entry point is
 * loaded; `run` is to listen before it returns.
 */
export function takeOwner<Data, In>(run: (data: Data, port: OwnerPort<In>) => void): void {
  let hear: (message: In) => void = () => {};
  const listen = ({ data }: { data: In }): void => hear(data);
  addEventListener(
    'message',
    ({ data }: { data: Data }) => {
      addEventListener('message', listen);
      run(data, {
        on: (_event, listener) => {
          hear = listener;
        },
        postMessage: (message: unknown, transfer: ArrayBuffer[] = []) =>
          postMessage(message, transfer),
        close: () => removeEventListener('message', listen),
      });
    },
    { once: true },
  );
}

/** The next message that lies in a port, at once; `undefined` when there is none. */
export function takePosted<Message>(port: MessagePort): Message | undefined {
  // Not imported: the module takes a thread 4 ms to load, and it is needed at a worker's end only.
  const { receiveMessageOnPort } = process.getBuiltinModule('node:worker_threads');
  const received: { message: Message } | undefined = receiveMessageOnPort(port);
  return received?.message;
}
