// SPDX-License-Identifier: Apache-2.0
// task_detail.tsx: one task: what it does, what it holds, where it stands and where it comes from.
import {type ComponentChildren} from 'preact';
import {useEffect, useRef} from 'preact/hooks';
import {useLinks, usePage} from '../context';
import {type Dump, Flag} from '../dump';
import {Badge, Facts, FindingLink, FramePlace, ObjectLink, TaskLink} from '../parts';
import {StackView} from '../stack_view';
import {count, duration} from '../words';

function triples(list: readonly number[]): [number, number, number][] {
  const all: [number, number, number][] = [];
  for (let i = 0; i + 2 < list.length; i += 3) all.push([list[i]!, list[i + 1]!, list[i + 2]!]);
  return all;
}

function waitFact(dump: Dump, task: number): ComponentChildren {
  const {tasks} = dump;
  const object = tasks.object[task]!, other = tasks.forTask[task]!;
  const cases = dump.list(tasks.cases[task]!);
  if (cases.length > 0) {
    const all: ComponentChildren[] = [];
    for (let i = 0; i + 1 < cases.length; i += 2)
      all.push(<div key={i}>{cases[i + 1] === 1 ? 'to send on ' : 'to receive from '}<ObjectLink object={cases[i]!} /></div>);
    return all;
  }
  if (object === 0) return other === 0 ? null : <>the end of <TaskLink task={other} /></>;
  const waiters = dump.waitersOf(object).length;
  return (
    <>
      <ObjectLink object={object} />
      {waiters > 1 && <span class="faint"> with {count(waiters - 1)} others</span>}
      {dump.holders(object).slice(0, 8).map(([holder, read, at], i) => (
        <div key={i}>held {read === 1 && 'for reading '}by <TaskLink task={holder} />{at !== 0 && <> taken at <FramePlace frame={at} /></>}</div>
      ))}
      {other !== 0 && <div>which only <TaskLink task={other} /> can end</div>}
    </>
  );
}

function heldFact(dump: Dump, task: number): ComponentChildren {
  const held = triples(dump.list(dump.tasks.held[task]!));
  return held.length === 0 ? null : held.map(([object, read, at], i) => (
    <div key={i}><ObjectLink object={object} />{read === 1 && ' for reading'}{at !== 0 && <> taken at <FramePlace frame={at} /></>}</div>
  ));
}

function labelsFact(dump: Dump, task: number): ComponentChildren {
  const pairs = dump.list(dump.tasks.labels[task]!);
  const all: ComponentChildren[] = [];
  for (let i = 0; i + 1 < pairs.length; i += 2) all.push(<div key={i}>{dump.text(pairs[i]!)}={dump.text(pairs[i + 1]!)}</div>);
  return all.length === 0 ? null : all;
}

function factsOf(dump: Dump, task: number): [string, ComponentChildren][] {
  const {tasks} = dump;
  const reason = dump.text(tasks.reason[task]!), wait = duration(tasks.wait[task]!);
  const state = [dump.text(tasks.state[task]!), wait === '' ? '' : `for ${wait}`, reason === '' ? '' : `in ${reason}`]
      .filter((part) => part !== '').join(' ');
  const flags = tasks.flags[task]!;
  const facts: [string, ComponentChildren][] = [
    ['state', state],
    ['', flags & Flag.DidNotAnswer ? 'it did not answer: the stack is the last known place' : null],
    ['', flags & Flag.Timeout ? 'the wait has a timeout' : null],
    ['waits for', waitFact(dump, task)], ['holds', heldFact(dump, task)],
    ['finding', tasks.finding[task] === 0 ? null : <FindingLink number={tasks.finding[task]!} />],
    ['', tasks.stuck[task] === 1 ? 'proved: nothing can ever wake it' : null],
    ['name', dump.text(tasks.name[task]!)], ['test', dump.text(tasks.test[task]!)], ['labels', labelsFact(dump, task)],
    ['creator', tasks.parent[task] === 0 ? null : <TaskLink task={tasks.parent[task]!} />],
    ['kernel id', tasks.tid[task] === 0 ? null : String(tasks.tid[task])],
    ['process', dump.severalProcesses ? dump.json.processes[tasks.process[task]!]?.label : null],
  ];
  return facts.filter(([, text]) => text !== null && text !== '' && text !== undefined);
}

export function TaskDetail({task, onClose}: {task: number; onClose: () => void}) {
  const {dump} = usePage();
  const links = useLinks();
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (matchMedia('(max-width: 60rem)').matches) panel.current?.scrollIntoView({block: 'start'});
  }, []);
  const flags = dump.tasks.flags[task]!, site = dump.stacks.site[dump.tasks.stack[task]!]!;
  return (
    <aside ref={panel} class="panel" aria-labelledby="task-title" onKeyDown={(event) => event.key === 'Escape' && onClose()}>
      <div class="line">
        <Badge tone={dump.tasks.stuck[task] === 1 ? 'proved' : 'faint'}>{dump.text(dump.tasks.kind[task]!)}</Badge>
        <h2 id="task-title">{dump.taskLabel(task)}</h2>
        <span class="spring" />
        <button type="button" class="button quiet" aria-label="Close" onClick={onClose}>✕</button>
      </div>
      <Facts facts={factsOf(dump, task)} />
      {task <= dump.tasks.live && <>
        <h3>{dump.tasks.wait[task]! > 0 ? 'Blocked at' : 'Stands at'}</h3>
        <StackView stack={dump.tasks.stack[task]!} cut={(flags & Flag.StackCut) !== 0} missing={(flags & Flag.StackMissing) !== 0} label="Where it stands" />
      </>}
      {dump.tasks.created[task] !== 0 && <>
        <h3>Created at</h3>
        <StackView stack={dump.tasks.created[task]!} label="Where it was created" />
      </>}
      {site !== 0 && task <= dump.tasks.live && <p class="actions"><a class="button" href={links.to('graph', {}, `id=${dump.taskKey(task)}`)}>Who keeps it waiting</a></p>}
    </aside>
  );
}
