import type { Session } from './command.ts';
import type { Terminal } from './terminal.ts';

/** Shows what changes, and asks. Nothing is asked where nothing changes. @param text a unified diff */
export async function agreed(text: string, question: string, { terminal, confirm }: Session): Promise<void> {
  if (text === '') return;
  terminal.note(painted(text, terminal.errorPaint));
  await confirm(question);
}

export const painted = (text: string, paint: Terminal['paint']): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => (line.startsWith('+') ? paint.green(line) : line.startsWith('-') ? paint.red(line) : line))
    .join('\n');
