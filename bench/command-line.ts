/** How the commands of the benchmarks are asked: by options, which `--help` tells. */

import { type ParseArgsConfig, type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { closestWord } from '../src/repl/suggest.ts';

const usageStatus = 2;

type Parsed<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ readonly options: Options; readonly allowPositionals: true }>
>;

/**
 * The options of the command line. Ends the program for `--help`, with the usage on standard
 * output, and for what it does not know, with one line on standard error and exit status 2.
 *
 * @param usage what the command does, and how it is asked
 * @param operands of which words one may stand beside the options; none when absent
 */
export function commandLine<const Options extends ParseArgsOptionsConfig>(
  usage: string,
  options: Options,
  operands: readonly string[] = [],
  words: readonly string[] = Bun.argv.slice(2),
): Parsed<Options> {
  if (words.includes('--help') || words.includes('-h')) {
    console.log(usage.trim());
    process.exit(0);
  }
  const slip = slipIn(words, { options, allowPositionals: true }, operands);
  if (slip !== undefined) refuse(slip);
  return parseArgs({ args: [...words], options, allowPositionals: true });
}

/** Ends the program. */
export function refuse(why: string): never {
  console.error(`${why}${why.endsWith('?') ? '' : ';'} --help tells more`);
  process.exit(usageStatus);
}

/** What is wrong with the words; `undefined` when nothing is. */
function slipIn(
  words: readonly string[],
  config: ParseArgsConfig & { readonly options: ParseArgsOptionsConfig },
  operands: readonly string[],
): string | undefined {
  const names = Object.keys(config.options).map((name) => `--${name}`);
  const { tokens } = parseArgs({ ...config, args: [...words], strict: false, tokens: true });
  let count = 0;
  for (const token of tokens) {
    if (token.kind === 'positional') {
      count += 1;
      if (count === 1 && operands.includes(token.value)) continue;
      if (count > 1) return `${token.value}: one word at most stands beside the options`;
      return `${token.value}: ${hint(token.value, operands.length === 0 ? names : operands)}`;
    }
    if (token.kind !== 'option') continue;
    const option = config.options[token.name];
    if (option === undefined)
      return `unknown option ${token.rawName}: ${hint(token.rawName, names)}`;
    const hasValue = token.value !== undefined;
    const isValue = hasValue && token.value?.startsWith('--') === false;
    if (option.type === 'string' && !isValue) return `${token.rawName}: expected a value`;
    if (option.type === 'boolean' && hasValue) return `${token.rawName}: it takes no value`;
  }
  return undefined;
}

function hint(word: string, names: readonly string[]): string {
  const near = closestWord(word, names);
  return near === undefined ? `expected ${names.join(', ')}` : `did you mean ${near}?`;
}
