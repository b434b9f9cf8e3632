/** Lines for a person as pieces that say what they are, so that a terminal may colour them. */

/** Closed: what a colour can say. */
export type Tone = 'plain' | 'label' | 'faint' | 'good' | 'bad' | 'bar';

export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

export type Line = readonly Span[];

export function span(text: string, tone: Tone = 'plain'): Span {
  return { text, tone };
}

/** The line without anything but its text. */
export function plainText(line: Line): string {
  return line.map(({ text }) => text).join('');
}

/** `text` in lines of at most `columns`, broken at blanks; a longer word has a line of its own. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}
