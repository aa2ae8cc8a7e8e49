import { writeLayout } from './mails/compile.ts';

await writeLayout();
