/** The dialogue that the original course program was shown with, as lines of the REPL. */

export const dialogue = [
  'GET test.html',
  'GET blank.html',
  'HEAD test.html',
  'HEAD blank.html',
  'PUT test.html This is test',
  'PUT blank.html This is test',
  'POST index.html <h1> This is HTML </h1>',
] as const;

/** The part of it that the README shows. */
export const shortDialogue = [
  'PUT test.html This is test',
  'HEAD blank.html',
  'POST index.html <h1> This is HTML </h1>',
] as const;
