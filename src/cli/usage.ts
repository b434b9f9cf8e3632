/** Usage errors: one line, exit status 2, the same in every command. */

import { CommanderError } from 'commander';

export const EXIT_USAGE = 2;

/** For `configureOutput`: what is wrong and what was probably meant, in one line. */
export const oneLineErrors = {
  outputError: (text: string, write: (text: string) => void): void => {
    write(text.replace(/\n\(Did you mean (.*)\?\)/, '; did you mean $1?'));
  },
};

/** What could not be done, though it was understood: the code of such an error. */
export const failedCode = 'inkwire.failed';

/** For `exitOverride`: Commander's own usage errors have the status 1; here it is 2. */
export function usageStatus(error: CommanderError): never {
  if (error.code === failedCode) throw error;
  const status = error.exitCode === 0 ? 0 : EXIT_USAGE;
  throw new CommanderError(status, error.code, error.message);
}
