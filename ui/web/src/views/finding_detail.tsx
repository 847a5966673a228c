// SPDX-License-Identifier: Apache-2.0
// finding_detail.tsx: one finding with its evidence: tasks, stacks, objects; and what can be done with it.
import {useState} from 'preact/hooks';
import {useLinks, usePage} from '../context';
import {type EvidenceStackJson, type FindingJson, type GroupJson, type ScheduleJson} from '../page_json';
import {Badge, CopyButton, Facts, ObjectLink, TaskLink} from '../parts';
import {StackView} from '../stack_view';
import {livesOfFinding, marksOf} from '../timeline_data';
import {count, counted, duration, times} from '../words';

const kMostGroups = 20;
const kMostTasks = 24;
const kMostListed = 500;  // more are a matter for the list of tasks

const kRoles: ReadonlyMap<string, string> = new Map([
  ['blocked', 'blocked at'], ['running', 'runs at'], ['misuse', 'at'], ['wanted', 'takes at'], ['acquired', 'taken at'],
  ['waiting', 'waits at'], ['created', 'created at'], ['ancestor', 'its creator was created at'], ['joined', 'joined at'],
  ['detached', 'detached at'], ['destroyed', 'ended at'],
]);

function EvidenceStack({stack}: {stack: EvidenceStackJson}) {
  const role = kRoles.get(stack.role) ?? stack.role;
  return (
    <div class="evidence-stack">
      <h4>{role}</h4>
      <StackView stack={stack.stack} cut={stack.cut} missing={stack.missing} label={role} />
    </div>
  );
}

function Group({group, number}: {group: GroupJson; number: number}) {
  const links = useLinks();
  const [all, setAll] = useState(false);
  const tasks = all ? group.tasks : group.tasks.slice(0, kMostTasks);
  const many = group.count > 1;
  return (
    <article class="group">
      <h3>{group.header}</h3>
      <Facts facts={group.facts} />
      {(many || group.tasks.length === 1) && <p class="members">
        {tasks.map((task) => <TaskLink key={task} task={task} />)}
        {!all && group.tasks.length > kMostTasks && (group.tasks.length > kMostListed
          ? <a href={links.to('tasks', {}, `finding=${number}`)}>{counted(group.tasks.length - kMostTasks, 'more task')}</a>
          : <button type="button" class="quiet" onClick={() => setAll(true)}>{counted(group.tasks.length - kMostTasks, 'more task')}</button>)}
        {many && group.stacks.length > 0 && <span class="faint">the stacks are the same for all</span>}
      </p>}
      {group.stacks.map((stack, i) => <EvidenceStack key={i} stack={stack} />)}
    </article>
  );
}

function Groups({groups, number}: {groups: readonly GroupJson[]; number: number}) {
  const [all, setAll] = useState(false);
  const shown = all ? groups : groups.slice(0, kMostGroups);
  return (
    <>
      {shown.map((group, i) => <Group key={i} group={group} number={number} />)}
      {shown.length < groups.length &&
        <button type="button" class="button" onClick={() => setAll(true)}>{counted(groups.length - shown.length, 'more group')}</button>}
    </>
  );
}

function Suppress({rule}: {rule: string}) {
  return (
    <section class="rule" aria-label="Rule that suppresses it">
      <p>Add this line, with a reason, to the file of <code>--suppressions</code>: the finding is then counted and
        fails no run.</p>
      <pre>{rule}</pre>
      <CopyButton text={() => rule}>Copy rule</CopyButton>
    </section>
  );
}

/** A window of the timeline with some room on both sides. */
function timeAround(marks: readonly {at: number}[]): Record<string, string> {
  if (marks.length === 0) return {};
  const from = Math.min(...marks.map((mark) => mark.at)), to = Math.max(...marks.map((mark) => mark.at));
  const room = Math.max((to - from) / 4, 1000);
  return {from: String(Math.max(0, Math.round(from - room))), to: String(Math.round(to + room))};
}

export function FindingDetail({finding}: {finding: FindingJson}) {
  const {dump} = usePage();
  const links = useLinks();
  const [suppressing, setSuppressing] = useState(false);
  const rule = dump.text(finding.rule);
  const title = dump.text(finding.title), explanation = dump.text(finding.explanation), tests = dump.text(finding.tests);
  const {number} = finding;
  const lives = livesOfFinding(dump, finding);
  const hasLive = finding.groups.some((group) => group.tasks.some((task) => task <= dump.tasks.live));
  return (
    <section class="finding-detail" aria-labelledby="finding-title">
      <div class="line">
        <Badge tone={finding.confidence}>{finding.confidence}</Badge>
        <code>{finding.id}</code>
        <span class="faint">{times(finding.count)}</span>
        {finding.age_ns !== null && <span class="faint">oldest wait {duration(finding.age_ns)}</span>}
        {tests !== '' && <span class="faint">test {tests}</span>}
        {dump.severalProcesses && <span class="faint">process {finding.process}</span>}
      </div>
      <h2 id="finding-title">{title}</h2>
      <p class="explanation">{explanation}</p>
      {finding.policy.map((sentence, i) => <p key={i} class="policy">{sentence}</p>)}
      {finding.hidden === 'suppressed' && <p class="policy">Suppressed by {dump.text(finding.hidden_by)}</p>}
      {finding.hidden === 'known' && <p class="policy">Known: it is in the baseline.</p>}
      <div class="actions">
        <CopyButton text={() => finding.text}>Copy as text</CopyButton>
        <CopyButton text={() => location.href.replace(/#.*/s, '') + (number === 0 ? location.hash : links.finding(number))}>Copy link</CopyButton>
        {rule !== '' && finding.hidden !== 'suppressed' &&
          <button type="button" class="button" aria-expanded={suppressing} onClick={() => setSuppressing(!suppressing)}>Suppress…</button>}
        {hasLive && number !== 0 && <>
          <a class="button" href={links.to('tasks', {}, `finding=${number}`)}>Tasks</a>
          <a class="button" href={links.to('graph', {}, `finding=${number}`)}>Graph</a>
          <a class="button" href={links.to('flame', {}, `finding=${number}`)}>Flame graph</a>
        </>}
        {lives.size > 0 && number !== 0 && <a class="button" href={links.to('timeline', {of: String(number), ...timeAround(marksOf(dump, finding))}, '')}>Timeline</a>}
      </div>
      {suppressing && <Suppress rule={rule} />}
      <Facts facts={finding.reported} />
      {finding.schedule !== null && <Schedule schedule={finding.schedule} />}
      <Groups groups={finding.groups} number={number} />
      {finding.consequences.length > 0 && <>
        <h3 class="section">As a consequence, blocked for ever as well: {counted(
            finding.consequences.reduce((sum, group) => sum + group.count, 0), 'task')}</h3>
        <Groups groups={finding.consequences} number={number} />
      </>}
      {finding.objects.length > 0 && <Objects objects={finding.objects} />}
      {number !== 0 && dump.json.dumps.length > 0 && <p class="command">
        The evidence, step by step: <code>stray explain {dump.json.dumps.join(' ')} {number}</code></p>}
      <details class="as-text"><summary>As text</summary><pre>{finding.text}</pre></details>
      <p class="faint signature">signature {finding.signature}</p>
    </section>
  );
}

// An order of recorded events: time goes down, a column for each task. What is next is what the finding is about.
function Schedule({schedule}: {schedule: ScheduleJson}) {
  const {dump} = usePage();
  const steps = schedule.steps.filter((step) => !step.next), next = schedule.steps.filter((step) => step.next);
  const cell = ({what, place}: ScheduleJson['steps'][number]) => (
    <><span class="what">{what}</span> {place !== 0 && <span class="place">{dump.text(place)}</span>}</>);
  return (
    <>
      <h3 class="section">An order of the recorded events that gets there</h3>
      <div class="schedule-frame" tabIndex={0} role="region" aria-label="order of events">
        <table class="schedule">
          <thead><tr>{schedule.tasks.map((task, i) => <th key={i} scope="col">{task}</th>)}</tr></thead>
          <tbody>
            {schedule.left_out > 0 && <tr><td class="faint" colSpan={schedule.tasks.length}>
              {counted(schedule.left_out, 'other event')} before and between</td></tr>}
            {steps.map((step, row) => (
              <tr key={row}>{schedule.tasks.map((_, i) => <td key={i}>{i === step.column && cell(step)}</td>)}</tr>
            ))}
            <tr class="next">{schedule.tasks.map((_, i) => (
              <td key={i}>{next.filter((step) => step.column === i).map((step, k) => <div key={k}>{cell(step)}</div>)}</td>
            ))}</tr>
          </tbody>
        </table>
      </div>
      <p class="faint">The last line is what comes next.</p>
    </>
  );
}

function Objects({objects}: {objects: readonly number[]}) {
  const {dump} = usePage();
  const [all, setAll] = useState(false);
  const shown = all ? objects : objects.slice(0, kMostTasks);
  return (
    <>
      <h3 class="section">{objects.length === 1 ? 'Object' : `${count(objects.length)} objects`}</h3>
      <ul class="object-list">
        {shown.map((object) => (
          <li key={object}><ObjectLink object={object} /> <span class="faint">{dump.text(dump.objectDetail(object)?.facts ?? 0)}</span></li>
        ))}
      </ul>
      {shown.length < objects.length &&
        <button type="button" class="quiet" onClick={() => setAll(true)}>{counted(objects.length - shown.length, 'more object')}</button>}
    </>
  );
}
