/** A worker that never gets ready. */

import { takeOwner } from '../../../src/base/own-thread.ts';

takeOwner(() => {});
