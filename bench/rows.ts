/** One measured thing. Rows without a bound inform. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: 'KB' | 'MB' | 'x' | 'ms' | 's' | '';
  /** At most this. @see design.md §8 */
  readonly bound?: number;
  readonly note?: string;
}

export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
  /** Why it could not be measured. */
  readonly failure?: string;
}

const DIGITS = { KB: 1, MB: 0, x: 3, ms: 2, s: 0, '': 0 } as const;

const shown = (value: number, unit: Row['unit']): string => `${value.toFixed(DIGITS[unit])} ${unit}`.trimEnd();

/** By the value as measured, not as shown. */
export const verdict = ({ value, bound }: Row): '' | 'ok' | 'OVER' =>
  bound === undefined ? '' : value <= bound ? 'ok' : 'OVER';

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** Everything in one markdown table; what could not be measured stands in it, too. */
export function tableOf(sections: readonly Section[]): string {
  return [
    line(['what', 'measured', 'bound', '', 'more']),
    '| --- | ---: | ---: | --- | --- |',
    ...sections.flatMap(({ title, rows, failure }) => [
      line([`**${title}**`, '', '', '', '']),
      ...rows.map((row) =>
        line([
          row.what,
          shown(row.value, row.unit),
          row.bound === undefined ? '' : shown(row.bound, row.unit),
          verdict(row),
          row.note ?? '',
        ]),
      ),
      ...(failure === undefined ? [] : [line(['**not measured**', '', '', '', failure.replaceAll(/[|\s]+/g, ' ')])]),
    ]),
  ].join('\n');
}
