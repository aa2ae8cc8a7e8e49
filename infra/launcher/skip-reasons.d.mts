export type SkippedTest = {
  readonly name: string;
  readonly parent?: { readonly type: string; readonly name: string };
  readonly module: { readonly moduleId: string };
  result(): { readonly note?: string };
};
export type TestModule = { readonly children: { allTests(state: 'skipped'): Iterable<SkippedTest> } };
export default function skipReasons(): { onTestRunEnd(modules: readonly TestModule[]): void };
