// SPDX-License-Identifier: Apache-2.0
// page_json.ts: the data as it is written into the page: schema "stray.page/1" (docs/PAGE.md).

/** A column: one value for all rows, or one for each. */
export type Column = number | number[];

export interface FramesJson {
  count: number;
  function: Column; file: Column; line: Column; module: Column; place: Column; source: Column; role: Column;
  inlined: Column;
}

export interface StacksJson {
  count: number;
  frames: number[][];
  folds: number[][];
  site: Column; code: Column; functions: Column;
}

export interface TasksJson {
  count: number;
  live: number;
  process: Column; id: Column; label: Column; kind: Column; name: Column; state: Column; wait_reason: Column;
  wait_ns: Column; object: Column; waits_for_task: Column; stack: Column; created: Column; parent: Column;
  test: Column; labels: Column; held: Column; cases: Column; verdict: Column; stuck: Column; finding: Column;
  tid: Column; flags: Column;
}

export interface UseJson {
  task: number; operation: number; count: number; at_least: boolean; last: boolean; at: number; fate: number;
}

export interface ObjectDetailJson {
  facts: number;
  uses: UseJson[];
  other_uses: number;
  history: [task: number, operation: number, at: number][];
  reach: {tasks: number[]; count: number} | null;
  capacity?: number; length?: number; closed?: boolean; counter?: number; mutex?: number;
}

export interface ObjectsJson {
  count: number;
  process: Column; id: Column; kind: Column; name: Column; label: Column; address: Column; created: Column;
  made_at: Column;
  holders: Record<string, [task: number, read: number, at: number][]>;
  details: ObjectDetailJson[];
}

export interface EvidenceStackJson { role: string; stack: number; cut: boolean; missing: boolean }

export interface GroupJson {
  header: string;
  facts: [label: string, text: string][];
  tasks: number[];
  count: number;
  stacks: EvidenceStackJson[];
}

export interface ScheduleJson {
  left_out: number;
  tasks: string[];
  rows: number[];
  steps: {column: number; what: string; place: number; time_ns: number | null; next: boolean}[];
}

export interface FindingJson {
  number: number;
  id: string;
  title: number;
  explanation: number;
  confidence: string;
  count: number;
  age_ns: number | null;
  process: number;
  place: number;
  tests: number;
  groups: GroupJson[];
  consequences: GroupJson[];
  objects: number[];
  reported: [label: string, text: string][];
  schedule: ScheduleJson | null;
  policy: string[];
  hidden: string;
  hidden_by: number;
  is_new: boolean;
  signature: string;
  rule: number;
  text: string;
}

export interface ProcessJson {
  name: string; label: string; path: string; pid: number; arguments: string[]; working_directory: string;
  state: string; exit_status: number | null; fatal_signal: number | null; tasks: number; snapshots: number;
  snapshot: {
    reason: string; date_ms: number | null; since_start_ms: number | null; tasks: number; unknown_threads: number;
    stacks_missing: boolean; reach: string;
  } | null;
}

/** A series of `stray diff` (docs/diff.schema.json). */
export interface TaskSeriesJson {
  change: string; program: string; kind: string; state: string; wait_reason: string; waits_on: string | null;
  functions: string[]; place: string; counts: number[];
  waits: ({min_ns: number; median_ns: number; max_ns: number} | null)[];
}

export interface FindingSeriesJson {
  change: string; id: string; program: string; title: string; place: string; confidence: string;
  excused: boolean; counts: number[];
}

export interface ChangesJson {
  dumps: {path: string; programs: string[]; time_ns: number | null; tasks: number; findings: number;
          incomplete: boolean}[];
  findings: FindingSeriesJson[];
  tasks: TaskSeriesJson[];
}

export interface TimelineJson {
  end_ns: number;
  shortest_ns: number;
  lives_left_out: number;
  arrows_left_out: number;
  acts: {count: number; group: Column; word: Column; object: Column; stack: Column};
  lives: {count: number; process: Column; task: Column; label: Column; begin_ns: Column; ended: Column; spans: Column};
  spans: {count: number; act: Column; length_ns: Column};
  arrows: {count: number; from: Column; to: Column; to_ns: Column; length_ns: Column; word: Column};
}

/** What is counted by place. */
export interface ProfileJson {
  process: number;
  name: string;
  noun: string;
  meaning: string;
  sites: {count: number; stack: Column; reason: Column; number: Column; delay_ns: Column};
}

export interface PageJson {
  schema: string;
  headline: string;
  incomplete: boolean;
  remarks: {text: string; incomplete: boolean}[];
  notes: string[];
  suppressed: string[];
  dumps: string[];
  processes: ProcessJson[];
  findings: FindingJson[];
  tasks: TasksJson;
  objects: ObjectsJson;
  stacks: StacksJson;
  frames: FramesJson;
  lists: number[][];
  texts: string[];
  timeline: TimelineJson | null;
  profiles: ProfileJson[];
  changes: ChangesJson | null;
  refresh_ms: number;
}
