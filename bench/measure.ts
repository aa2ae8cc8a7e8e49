export interface Cost {
  readonly wallMs: number;
  /** Of the whole process: libuv's threads, which hash and sign, included. */
  readonly cpuMs: number;
}

export async function measure<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly cost: Cost }> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const value = await work();
  const wallMs = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  return { value, cost: { wallMs, cpuMs: (user + system) / 1000 } };
}
