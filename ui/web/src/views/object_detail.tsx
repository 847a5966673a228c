// SPDX-License-Identifier: Apache-2.0
// object_detail.tsx: one object: its buffer, who stands before it on which side, who holds it, who has used it.
import {type ComponentChildren} from 'preact';
import {useEffect, useRef, useState} from 'preact/hooks';
import {useLinks, usePage} from '../context';
import {type ObjectDetailJson, type UseJson} from '../page_json';
import {Facts, FramePlace, ObjectLink, TaskLink} from '../parts';
import {exactWord} from '../query';
import {StackView} from '../stack_view';
import {count, counted, duration, times} from '../words';

const kMostCells = 64;
const kMostQueued = 30;

/** The buffer of a channel, a cell for each place, full from the left. */
function Buffer({detail}: {detail: ObjectDetailJson}) {
  const capacity = detail.capacity ?? 0, length = detail.length ?? 0;
  if (capacity === 0) return <p>unbuffered: a sender and a receiver must meet{detail.closed === true && '; closed'}</p>;
  const cells = Math.min(capacity, kMostCells), full = Math.round(length / capacity * cells);
  const text = `${count(length)} of ${count(capacity)} places of the buffer are full`;
  return (
    <div class="buffer">
      <div class="cells" role="img" aria-label={text}>
        {Array.from({length: cells}, (_, i) => <span key={i} class={i < full ? 'full' : ''} />)}
      </div>
      <span class="faint">{text}{detail.closed === true && '; closed'}</span>
    </div>
  );
}

/** Those that wait, one queue for each thing they wait to do. */
function Queues({object}: {object: number}) {
  const {dump} = usePage();
  const links = useLinks();
  const queues = new Map<string, number[]>();
  for (const task of dump.waitersOf(object)) {
    const cases = dump.list(dump.tasks.cases[task]!);
    let what = dump.text(dump.tasks.reason[task]!);
    for (let i = 0; i + 1 < cases.length; i += 2)
      if (cases[i] === object) what = cases[i + 1] === 1 ? 'send, in a select' : 'receive, in a select';
    queues.set(what, [...(queues.get(what) ?? []), task]);
  }
  if (queues.size === 0) return <p class="faint">Nobody waits for it.</p>;
  const word = exactWord('object', dump.objectLabel(object));
  return (
    <>
      {[...queues].map(([what, tasks]) => (
        <div key={what} class="queue">
          <h3>{counted(tasks.length, 'task')} in {what}</h3>
          <ol>
            {tasks.slice(0, kMostQueued).map((task) => (
              <li key={task}><TaskLink task={task} /> <span class="faint">{duration(dump.tasks.wait[task]!)}</span>{' '}
                <FramePlace frame={dump.stacks.site[dump.tasks.stack[task]!]!} /></li>
            ))}
          </ol>
          {tasks.length > kMostQueued && <a href={links.to('tasks', {}, word)}>all {count(tasks.length)}</a>}
        </div>
      ))}
    </>
  );
}

function Use({use}: {use: UseJson}) {
  const {dump} = usePage();
  const fate = dump.text(use.fate);
  return (
    <li>
      <b>{dump.text(use.operation)}</b> by <TaskLink task={use.task} />{' '}
      <span class="faint">{use.at_least ? 'at least ' : ''}{times(use.count)}{use.last && ', the last one'}</span>
      {use.at !== 0 && <div><span class="faint">{use.at_least || use.count === 1 ? 'at ' : 'first at '}</span><FramePlace frame={use.at} /></div>}
      {fate !== '' && <div class="faint">{fate}</div>}
    </li>
  );
}

function Section({title, children}: {title: string; children: ComponentChildren}) {
  return <section><h3>{title}</h3>{children}</section>;
}

function Details({detail}: {detail: ObjectDetailJson}) {
  const {dump} = usePage();
  const [all, setAll] = useState(false);
  const history = all ? detail.history : detail.history.slice(-8);
  return (
    <>
      {detail.uses.length > 0 && <Section title="Who has used it">
        <ul class="uses">{detail.uses.map((use, i) => <Use key={i} use={use} />)}</ul>
        {detail.other_uses > 0 && <p class="faint">and {counted(detail.other_uses, 'operation')} of others, not kept one by one</p>}
      </Section>}
      {detail.reach !== null && <Section title="Who could reach it">
        {detail.reach.count === 0 ? <p>Nobody that is left.</p> : <p class="members">
          {detail.reach.tasks.map((task) => <TaskLink key={task} task={task} />)}
          {detail.reach.count > detail.reach.tasks.length && <span class="faint">and {count(detail.reach.count - detail.reach.tasks.length)} more</span>}
        </p>}
      </Section>}
      {detail.history.length > 0 && <Section title="Last operations that were kept, oldest first">
        <ol class="history">{history.map(([task, operation, at], i) => (
          <li key={i}><b>{dump.text(operation)}</b> by <TaskLink task={task} /> <FramePlace frame={at} /></li>
        ))}</ol>
        {history.length < detail.history.length &&
          <button type="button" class="quiet" onClick={() => setAll(true)}>{counted(detail.history.length - history.length, 'earlier one')}</button>}
      </Section>}
    </>
  );
}

export function ObjectDetail({object, onClose}: {object: number; onClose: () => void}) {
  const {dump} = usePage();
  const links = useLinks();
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (matchMedia('(max-width: 60rem)').matches) panel.current?.scrollIntoView({block: 'start'});
  }, []);
  const detail = dump.objectDetail(object), holders = dump.holders(object);
  const kind = dump.text(dump.objects.kind[object]!);
  const facts: [string, ComponentChildren][] = [
    ['address', dump.text(dump.objects.address[object]!)],
    ['process', dump.severalProcesses ? dump.json.processes[dump.objects.process[object]!]?.label : ''],
    ['is', dump.text(detail?.facts ?? 0)],
    ['counter', detail?.counter === undefined ? '' : count(detail.counter)],
    ['mutex', detail?.mutex === undefined || detail.mutex === 0 ? '' : <ObjectLink object={detail.mutex} />],
  ];
  return (
    <aside ref={panel} class="panel" aria-labelledby="object-title" onKeyDown={(event) => event.key === 'Escape' && onClose()}>
      <div class="line">
        <h2 id="object-title">{dump.objectLabel(object)}</h2>
        <span class="spring" />
        <button type="button" class="button quiet" aria-label="Close" onClick={onClose}>✕</button>
      </div>
      <Facts facts={facts.filter(([, text]) => text !== '' && text !== undefined)} />
      {kind === 'channel' && detail !== undefined && <Buffer detail={detail} />}
      {holders.length > 0 && <Section title="Held by">
        <ul>{holders.slice(0, kMostQueued).map(([task, read, at], i) => (
          <li key={i}><TaskLink task={task} />{read === 1 && ' for reading'}{at !== 0 && <> taken at <FramePlace frame={at} /></>}</li>
        ))}</ul>
        {holders.length > kMostQueued && <p class="faint">and {count(holders.length - kMostQueued)} more</p>}
      </Section>}
      <Queues object={object} />
      {detail === undefined ? <p class="faint">There are more objects than the page carries the history of; <code>stray cat</code> has it.</p>
                            : <Details detail={detail} />}
      {dump.objects.created[object] !== 0 && <Section title="Made at"><StackView stack={dump.objects.created[object]!} label="Where it was made" /></Section>}
      {dump.objects.created[object] === 0 && dump.objects.madeAt[object] !== 0 &&
        <Section title="First used at"><p><FramePlace frame={dump.objects.madeAt[object]!} /></p></Section>}
      <p class="actions"><a class="button" href={links.to('tasks', {}, exactWord('object', dump.objectLabel(object)))}>Its tasks</a>
        <a class="button" href={links.to('graph', {}, exactWord('object', dump.objectLabel(object)))}>Graph</a></p>
    </aside>
  );
}
