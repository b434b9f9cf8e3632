/** Names of the faults of a whole publisher, where those of single calls will not do. */

export const publisherFaults = [
  /** It acknowledges an edit, and publishes it a second later. */
  'answers-first',
  /** It writes an edit down only when it is public. */
  'records-late',
  /** It takes its pages for settled, and has synced none of them. */
  'settles-unsynced',
] as const;

export type PublisherFault = (typeof publisherFaults)[number];

export function isPublisherFault(name: string | undefined): name is PublisherFault {
  return publisherFaults.some((fault) => fault === name);
}
