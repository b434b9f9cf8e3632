/** A worker that dies before it is ready. */

throw new Error('it cannot even start');
