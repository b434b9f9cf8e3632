/** Placeholders in double braces: `{{n}}`, `{{uuid}}`, `{{now}}`, and variables that are set. */

/** The value of a name; `undefined` for a name that has none, which then stays as it is. */
export type Lookup = (name: string) => string | undefined;

/** A text with placeholders, taken apart once so that filling it in a million times is cheap. */
export interface Template {
  /** False when it holds nothing in double braces: filling it gives the text itself. */
  readonly varies: boolean;
  fill(lookup: Lookup): string;
}

const placeholder = /\{\{([A-Za-z_][A-Za-z0-9_]*)\}\}/g;

export function compileTemplate(text: string): Template {
  /** Literal text at even places, names at odd ones. */
  const parts = text.split(placeholder);
  if (parts.length === 1) return { varies: false, fill: () => text };
  return {
    varies: true,
    fill(lookup) {
      let filled = parts[0] ?? '';
      for (let index = 1; index < parts.length; index += 2) {
        const name = parts[index] ?? '';
        filled += lookup(name) ?? `{{${name}}}`;
        filled += parts[index + 1] ?? '';
      }
      return filled;
    },
  };
}

/** The values of the placeholders of one request after the other. */
export class RunValues {
  /** The number that `{{n}}` stands for. */
  n = 0;

  constructor(readonly sources: { uuid(): string; wallMs(): number }) {}

  readonly lookup: Lookup = (name) => {
    switch (name) {
      case 'n':
        return String(this.n);
      case 'uuid':
        return this.sources.uuid();
      case 'now':
        return new Date(this.sources.wallMs()).toISOString();
      default:
        return undefined;
    }
  };
}
