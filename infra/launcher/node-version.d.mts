export function nodeTooOld(version: string): string | undefined;
export function runsService(version: string): boolean;
