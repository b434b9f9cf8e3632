/** Numbers and sizes of Linux's calls: the same on every architecture, but where it is said. */

/** `PATH_MAX` of linux/limits.h, with the byte of zero. macOS has 1,024. */
export const pathBytesMax = 4096;

/** `AT_SYMLINK_NOFOLLOW` and `AT_EMPTY_PATH` (the open file itself) of linux/fcntl.h. */
export const noFollowFlag = 0x100;
export const emptyPathFlag = 0x1000;

/** `STATX_TYPE` and `STATX_BASIC_STATS` of linux/stat.h. */
export const typeMask = 0x001;
export const basicStatusMask = 0x7ff;

/** `RESOLVE_…` of linux/openat2.h, and the size of `struct open_how`. */
export const resolveNoOtherMount = 0x01;
export const resolveNoMagicLinks = 0x02;
export const resolveNoSymbolicLinks = 0x04;
export const resolveBeneath = 0x08;
/** Only by names that the kernel has in memory. */
export const resolveCached = 0x20;
export const howBytes = 24;

/** `RWF_NOWAIT` of linux/fs.h, and the size of `struct iovec`. */
export const noWaitFlag = 0x08;
export const vectorBytes = 16;

/** `MSG_DONTWAIT | MSG_NOSIGNAL` and `MSG_MORE` of linux/socket.h. */
export const sendNow = 0x40 | 0x4000;
export const moreFollows = 0x8000;

/** `openat2` has this number on x86-64, arm64 and every later architecture. */
export const openat2Number = 437;

/** Older calls have a number for each architecture. */
function numberOf(numbers: Readonly<Record<string, number>>): number | undefined {
  return numbers[process.arch];
}

export const renameat2Number = numberOf({ x64: 316, arm64: 276 });
export const statxNumber = numberOf({ x64: 332, arm64: 291 });
export const preadv2Number = numberOf({ x64: 327, arm64: 286 });
