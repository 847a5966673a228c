// SPDX-License-Identifier: Apache-2.0
// words.ts: numbers and times as people read them.

const kUnits: readonly [ns: number, unit: string][] = [
  [86400e9, 'd'], [3600e9, 'h'], [60e9, 'min'], [1e9, 's'], [1e6, 'ms'], [1e3, 'µs'],
];

/** "2.1 s", "31 ms", "3.2 h"; "" for 0, which is not known. */
export function duration(ns: number): string {
  if (ns <= 0) return '';
  for (const [size, unit] of kUnits) {
    if (ns < size) continue;
    const value = ns / size;
    return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} ${unit}`;
  }
  return `${Math.round(ns)} ns`;
}

/** "1.9 to 2.0 s" */
export function durationRange(least: number, most: number): string {
  const from = duration(least), to = duration(most);
  if (from === to || from === '') return to;
  const [number, unit] = from.split(' ');
  return to.endsWith(` ${unit}`) ? `${number} to ${to}` : `${from} to ${to}`;
}

export function count(number: number): string { return number.toLocaleString('en-US'); }

/** "1 task", "38 tasks" */
export function counted(number: number, noun: string, plural = `${noun}s`): string {
  return `${count(number)} ${number === 1 ? noun : plural}`;
}

export function percent(part: number, whole: number): string {
  if (whole === 0) return '';
  const share = part / whole * 100;
  return share > 0 && share < 1 ? '<1%' : `${Math.round(share)}%`;
}

export function times(number: number): string { return number === 1 ? 'once' : `${count(number)} times`; }
