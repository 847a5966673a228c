// SPDX-License-Identifier: Apache-2.0
// live.ts: a running process: asks for newer data again and again, and remembers how many tasks did what.
import {useCallback, useEffect, useRef, useState} from 'preact/hooks';
import {Dump} from './dump';
import {type PageJson} from './page_json';

const kMostMoments = 1800;  // an hour, at one look in two seconds

/** How many tasks there were in each state at one time. */
export interface Moment { seconds: number; blocked: number; stuck: number; running: number; other: number }

export interface Live {
  dump: Dump;
  history: readonly Moment[];
  isPaused: boolean;
  /** Why there is no newer data; "": there is. */
  lost: string;
  /** Since when tasks count as new. */
  newSince: Date;
  togglePause: () => void;
  /** Everything that is there now is no longer new. */
  markNow: () => void;
}

export function momentOf(dump: Dump, at: Date): Moment {
  const moment: Moment = {seconds: at.getTime() / 1000, blocked: 0, stuck: 0, running: 0, other: 0};
  for (let task = 1; task <= dump.tasks.live; ++task) {
    const state = dump.text(dump.tasks.state[task]!);
    if (dump.tasks.stuck[task] === 1) ++moment.stuck;
    else if (state === 'blocked') ++moment.blocked;
    else if (state.startsWith('runn')) ++moment.running;
    else ++moment.other;
  }
  return moment;
}

function keysOf(dump: Dump): Set<string> {
  const keys = new Set<string>();
  for (let task = 1; task <= dump.tasks.live; ++task) keys.add(dump.taskKey(task));
  return keys;
}

async function askForData(): Promise<PageJson> {
  const answer = await fetch('/data', {cache: 'no-store'});
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return await answer.json() as PageJson;
}

/** Of a page that is a file, this is its data and nothing ever happens. */
export function useLive(first: PageJson): Live {
  const [dump, setDump] = useState(() => new Dump(first));
  const [history, setHistory] = useState<readonly Moment[]>(() => [momentOf(dump, new Date())]);
  const [isPaused, setPaused] = useState(false);
  const [lost, setLost] = useState('');
  const [newSince, setNewSince] = useState(() => new Date());
  const known = useRef<Set<string> | null>(null);
  const interval = first.refresh_ms;

  const look = useCallback(async () => {
    known.current ??= keysOf(dump);
    try {
      const next = new Dump(await askForData(), known.current);
      setDump(next);
      setHistory((all) => [...all, momentOf(next, new Date())].slice(-kMostMoments));
      setLost('');
    } catch (error) {
      setLost(error instanceof Error ? error.message : String(error));
    }
  }, []);

  useEffect(() => {
    if (interval === 0 || isPaused) return;
    let timer = 0, isOver = false;
    const again = async () => {
      if (!document.hidden) await look();
      if (!isOver) timer = setTimeout(again, interval);
    };
    timer = setTimeout(again, interval);
    return () => { isOver = true; clearTimeout(timer); };
  }, [interval, isPaused]);

  const markNow = () => {
    known.current = keysOf(dump);
    setNewSince(new Date());
    setDump(new Dump(dump.json, known.current));
  };
  return {dump, history, isPaused, lost, newSince, togglePause: () => setPaused(!isPaused), markNow};
}
