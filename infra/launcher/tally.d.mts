export type Tally = { readonly passed: number; readonly failed: number; readonly skipped: readonly string[] };
export type VitestReport = {
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
};
export const NOTHING: Tally;
export function add(a: Tally, b: Tally): Tally;
export function countLine(tally: Tally): string;
export function skipLines(skipped: readonly string[]): readonly string[];
export function ofTool(code: number): Tally;
export function ofChecks(code: number, output: string): Tally;
export function ofVitest(
  code: number,
  report: VitestReport | undefined,
  reasons: Readonly<Record<string, string | undefined>>,
): Tally;
