// SPDX-License-Identifier: Apache-2.0
// header.tsx: whose data this is, what it lacks, the way to the views, and the filter.
import {useEffect, useRef, useState} from 'preact/hooks';
import {usePage} from './context';
import {type Live} from './live';
import {LiveStrip} from './live_strip';
import {type PageJson, type ProcessJson} from './page_json';
import {Facts} from './parts';
import {go, linkTo, type View} from './route';
import {useTheme} from './theme';
import {count, counted, duration} from './words';

// By the reason of a snapshot. A map, as the words come from a file.
const kWhen: ReadonlyMap<string, string> = new Map([
  ['exit', 'at exit'], ['quick_exit', 'at exit'], ['crash', 'when it crashed'], ['hang', 'when it hung'],
  ['timeout', 'when its time was up'], ['post_mortem', 'when it died'], ['test', 'when a test ended'],
  ['listing', 'as a text lists it'], ['request', 'at a snapshot'],
]);

function processText(process: ProcessJson): string {
  const {snapshot} = process;
  if (snapshot === null) return 'no snapshot: what its tasks did is not known';
  const parts = [`${counted(snapshot.tasks, 'task')} ${kWhen.get(snapshot.reason) ?? snapshot.reason}`];
  if (snapshot.since_start_ms !== null) parts.push(`${duration(snapshot.since_start_ms * 1e6) || '0 s'} after its start`);
  if (process.fatal_signal !== null) parts.push(`died by signal ${process.fatal_signal}`);
  else if (process.state === 'killed') parts.push('was killed');
  else if (process.exit_status !== null && process.exit_status !== 0) parts.push(`exited with status ${process.exit_status}`);
  return parts.join(', ');
}

function ProcessDetails() {
  const {dump} = usePage();
  const {processes, dumps} = dump.json;
  return (
    <details class="about">
      <summary>About this data</summary>
      {processes.map((process, i) => (
        <Facts key={i} facts={[
          ['process', process.label], ['program', process.path], ['arguments', process.arguments.join(' ')],
          ['directory', process.working_directory], ['state', process.state], ['then', processText(process)],
          ['date', process.snapshot?.date_ms ? new Date(process.snapshot.date_ms).toISOString() : ''],
          ['snapshots', String(process.snapshots)], ['tasks ever', count(process.tasks)],
        ].filter((fact): fact is [string, string] => fact[1] !== '')} />
      ))}
      {dumps.length > 0 && <Facts facts={[['as text', <code>stray report {dumps.join(' ')}</code>]]} />}
    </details>
  );
}

/** What the data lacks stands above everything: nothing found must not look clean where nobody could look. */
function Remarks() {
  const {dump} = usePage();
  const {remarks, notes, suppressed, incomplete} = dump.json;
  const lacks = remarks.filter((remark) => remark.incomplete);
  const others = [...remarks.filter((remark) => !remark.incomplete).map((remark) => remark.text), ...notes,
                  ...suppressed.map((rule) => `suppressed: ${rule}`)];
  return (
    <>
      {incomplete && <section class="warning" role="alert" aria-label="Data is incomplete">
        <strong>Data is incomplete{lacks.length === 1 ? ': ' : '.'}</strong>
        {lacks.length === 1 ? lacks[0]!.text : <ul>{lacks.map((lack, i) => <li key={i}>{lack.text}</li>)}</ul>}
        {lacks.length === 0 && ' Findings may be missing.'}
      </section>}
      {others.length > 0 && <details class="notes">
        <summary>{counted(others.length, 'note')}</summary>
        <ul>{others.map((note, i) => <li key={i}>{note}</li>)}</ul>
      </details>}
    </>
  );
}

export function viewsOf({timeline, changes}: PageJson): [View, string][] {
  const views: [View, string][] = [
    ['findings', 'Findings'], ['tasks', 'Tasks'], ['flame', 'Flame graph'], ['graph', 'Wait-for graph'], ['objects', 'Objects'],
  ];
  if (timeline !== null) views.push(['timeline', 'Timeline']);
  if (changes !== null) views.push(['compare', 'Compare']);
  return views;
}

function FilterBox() {
  const {dump, route, tasks} = usePage();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(route.q);
  // Who types is ahead of the route.
  useEffect(() => { if (document.activeElement !== input.current) setText(route.q); }, [route.q]);
  const set = (q: string) => {
    setText(q);
    const {task: _, ...choices} = route.choices;
    go({...route, q, choices}, true);
  };
  return (
    <form class="filter" role="search" onSubmit={(event) => event.preventDefault()}>
      <input ref={input} id="filter" type="search" spellcheck={false} autocomplete="off" value={text}
             aria-label="Filter tasks in all views" placeholder="Filter: function, name, state:blocked, -reason:sleep …"
             onInput={(event) => set(event.currentTarget.value)}
             onKeyDown={(event) => event.key === 'Escape' && (text === '' ? input.current?.blur() : set(''))} />
      <kbd aria-hidden="true">/</kbd>
      <span class="filter-count" role="status">
        {route.q === '' ? '' : `${count(tasks.length)} of ${counted(dump.tasks.live, 'task')}`}
      </span>
    </form>
  );
}

export function Header({onHelp, live}: {onHelp: () => void; live: Live | null}) {
  const {dump, route} = usePage();
  const [theme, nextTheme] = useTheme();
  const {processes, headline, findings} = dump.json;
  const first = processes[0];
  const views = useRef<HTMLElement>(null);
  // On narrow screens the row of views is wider than the screen.
  useEffect(() => views.current?.querySelector('[aria-current]')?.scrollIntoView({block: 'nearest', inline: 'nearest'}), [route.view]);
  const counts: Partial<Record<View, number>> = {
    findings: findings.filter((finding) => finding.number !== 0).length, tasks: dump.tasks.live,
    objects: dump.objects.count,
  };
  return (
    <header>
      <div class="masthead">
        <span class="brand" aria-hidden="true">stray</span>
        <h1>{first === undefined ? 'no process' : first.label}
          {processes.length > 1 && <span class="faint"> and {counted(processes.length - 1, 'other process', 'other processes')}</span>}
        </h1>
        <span class="faint when">{first === undefined ? '' : processText(first)}</span>
        <span class="spring" />
        <button type="button" class="button quiet" onClick={nextTheme} aria-label={`Colours: ${theme}. Change`}>
          {theme === 'auto' ? '◐' : theme === 'light' ? '○' : '●'}
        </button>
        <button type="button" class="button quiet" onClick={onHelp} aria-label="Keys and filters">?</button>
      </div>
      <p class="headline">{headline}</p>
      <Remarks />
      {live !== null && <LiveStrip live={live} />}
      <ProcessDetails />
      <div class="toolbar">
        <nav ref={views} aria-label="Views">
          {viewsOf(dump.json).map(([view, title], i) => (
            <a key={view} href={linkTo(route, view)} aria-current={route.view === view ? 'page' : undefined} title={`Key ${i + 1}`}>
              {title}{counts[view] !== undefined && <span class="number">{count(counts[view])}</span>}
            </a>
          ))}
        </nav>
        <FilterBox />
      </div>
    </header>
  );
}
