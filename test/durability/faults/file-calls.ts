/**
 * Puts a fault into the file calls of this thread, as the environment names it: the ways in which a
 * commit thread could break its promise without any other test noticing.
 */

import { closeSync, constants, existsSync, openSync, writeSync } from 'node:fs';
import type { FileDescriptor, FileStatus, FileSystem } from '../../../src/store/file-system.ts';
import { systemFileSystem } from '../../../src/store/system-file-system.ts';
import { toldLater } from '../../store/told-later.ts';

/** How much later than the answer happens what should have come before it, milliseconds. */
const lateMs = 1_000;

export type FileFault =
  /** It acknowledges an edit, and syncs a second later. */
  | 'syncs-late'
  /** It gives a page its name, and syncs its record only then; the kernel writes the name first. */
  | 'publishes-first'
  /** None, but for a kernel that writes names to the disk at once, and content when it likes. */
  | 'names-come-first'
  /** It never syncs its record. */
  | 'leaves-out-record'
  /** None, but for a pause before names are exchanged, in which another program surely saves. */
  | 'slow'
  /** The same, and it takes whatever it has displaced for the page that the edit was built on. */
  | 'never-looks'
  /** It removes what it has displaced, where that should go into the history. */
  | 'forgets';

type Calls = Partial<FileSystem>;

/** Longer than another program needs for a save, milliseconds. */
const pauseMs = 1;

/** The place of a version in the history. */
const versionName = /^\d+\/\d+$/;

const {
  INKWIRE_TEST_FAULT: fault,
  INKWIRE_TEST_HALT_AT: haltAt,
  /** A file: once it is there, what is wrong begins. */
  INKWIRE_TEST_ARMED_BY: armedBy,
} = process.env;

/** Another descriptor of the same open file, for when the caller has closed its own. */
function reopened(descriptor: FileDescriptor): FileDescriptor {
  return openSync(`/proc/self/fd/${descriptor}`, constants.O_RDONLY);
}

/** Stops this thread. */
function pause(ms?: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Does later what a caller believes to be done. */
function later(run: () => void): void {
  setTimeout(() => {
    try {
      run();
    } catch {
      // The disk may be gone by then: that is what this is about.
    }
  }, lateMs);
}

const faults: Readonly<Record<FileFault, (real: FileSystem) => Calls>> = {
  'syncs-late': (real) => {
    const late = (call: 'fsync' | 'fdatasync' | 'syncfs') => (descriptor: FileDescriptor) => {
      const own = reopened(descriptor);
      later(() => {
        real[call](own);
        closeSync(own);
      });
    };
    const fdatasync = late('fdatasync');
    const fdatasyncLater = toldLater(fdatasync);
    return { fsync: late('fsync'), fdatasync, fdatasyncLater, syncfs: late('syncfs') };
  },

  'publishes-first': (real) => {
    const unsynced: FileDescriptor[] = [];
    const fdatasync = (descriptor: FileDescriptor): void => {
      unsynced.push(reopened(descriptor));
    };
    return {
      fdatasync,
      fdatasyncLater: toldLater(fdatasync),
      ...namedAtOnce(real, () => {
        for (const journal of unsynced.splice(0)) {
          real.fdatasync(journal);
          closeSync(journal);
        }
      }),
    };
  },

  'names-come-first': (real) => namedAtOnce(real, () => {}),

  'leaves-out-record': () => ({ fdatasync: () => {}, fdatasyncLater: toldLater(() => {}) }),

  slow: slowExchange,

  'never-looks': (real) => {
    let seen: FileStatus | undefined;
    let isDisplaced = false;
    const slow = slowExchange(real);
    return {
      exchangeat: (...names) => {
        slow.exchangeat(...names);
        isDisplaced = true;
      },
      statat: (folder, name) => {
        if (!isDisplaced || seen === undefined) seen = real.statat(folder, name);
        isDisplaced = false;
        return seen;
      },
    };
  },

  forgets: (real) => ({
    renameat: (from, fromName, to, toName) => {
      if (versionName.test(toName)) real.unlinkat(from, fromName);
      else real.renameat(from, fromName, to, toName);
    },
  }),
};

/** Each new name is on the disk before the next call, as the kernel may have it at any time. */
function namedAtOnce(real: FileSystem, afterwards: () => void): Calls {
  const naming = (call: 'renameat' | 'exchangeat' | 'renameUnlessTakenat' | 'linkat') => {
    return (from: FileDescriptor, fromName: string, to: FileDescriptor, toName: string): void => {
      real[call](from, fromName, to, toName);
      real.fsync(to);
      afterwards();
    };
  };
  return {
    renameat: naming('renameat'),
    exchangeat: naming('exchangeat'),
    renameUnlessTakenat: naming('renameUnlessTakenat'),
    linkat: naming('linkat'),
  };
}

/** Slow at the first exchange of an edit, and not at those that take it back. */
function slowExchange(real: FileSystem): Pick<FileSystem, 'exchangeat'> {
  let last = '';
  return {
    exchangeat: (from, fromName, to, toName) => {
      if (fromName !== last) pause(pauseMs);
      last = fromName;
      real.exchangeat(from, fromName, to, toName);
    },
  };
}

/** The calls that may change something, which a disaster may come before. */
const changingCalls = [
  'open',
  'pwrite',
  'ftruncate',
  'fsync',
  'fdatasync',
  'fdatasyncLater',
  'syncfs',
  'mkdirat',
  'renameat',
  'exchangeat',
  'renameUnlessTakenat',
  'linkat',
  'unlinkat',
  'rmdirat',
] as const;

/** Whether the fault shows by now: what was done before was done as it should be. */
export function isArmed(): boolean {
  return armedBy === undefined || existsSync(armedBy);
}

/**
 * Halts the thread for good before the `nth` of these calls, counted from 0, from when it is armed;
 * and says so on standard output.
 */
function halting(real: FileSystem, nth: number): Calls {
  let count = 0;
  const before = (call: string): void => {
    if (!isArmed()) return;
    count += 1;
    if (count <= nth) return;
    writeSync(1, `Halted before ${call}\n`);
    pause();
  };
  return Object.fromEntries(
    changingCalls.map((call) => {
      const run = (...given: unknown[]): unknown => {
        before(call);
        return Reflect.apply(real[call], real, given);
      };
      return [call, run];
    }),
  );
}

/** The faulty calls once armed, and until then those that they stand for. */
function onceArmed(real: FileSystem, faulty: Calls): Calls {
  return Object.fromEntries(
    Object.entries(faulty).map(([name, run]) => {
      const sound: unknown = Reflect.get(real, name);
      const either = (...given: unknown[]): unknown =>
        Reflect.apply(isArmed() || typeof sound !== 'function' ? run : sound, real, given);
      return [name, either];
    }),
  );
}

function isFault(name: string | undefined): name is FileFault {
  return name !== undefined && Object.hasOwn(faults, name);
}

const real = { ...systemFileSystem };
// Below the fault, so that it halts in between what the fault does as well.
if (haltAt !== undefined) Object.assign(real, halting({ ...real }, Number(haltAt)));
const faulty = isFault(fault) ? faults[fault](real) : {};
Object.assign(systemFileSystem, real, onceArmed(real, faulty));
