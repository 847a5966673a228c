// SPDX-License-Identifier: Apache-2.0
// findings.tsx: what is wrong, most important first; beside it all there is to one of them.
import {useEffect, useMemo, useRef, useState} from 'preact/hooks';
import {useLinks, usePage} from '../context';
import {type Dump} from '../dump';
import {type FindingJson} from '../page_json';
import {Badge, Empty} from '../parts';
import {parseQuery} from '../query';
import {choose, routeHash} from '../route';
import {counted, duration, times} from '../words';
import {FindingDetail} from './finding_detail';
import {Overview} from './overview';

const kMostItems = 200;  // at a time

export function keyOf(finding: FindingJson, index: number): string {
  return finding.number === 0 ? `hidden-${index}` : String(finding.number);
}

/** Those with a task that the filter leaves, or with its words in them. */
function useFiltered(): {finding: FindingJson; key: string}[] {
  const {dump, route, tasks} = usePage();
  return useMemo(() => {
    const all = dump.findings.map((finding, i) => ({finding, key: keyOf(finding, i)}));
    if (route.q.trim() === '') return all;
    const left = new Set(tasks);
    const words = parseQuery(route.q);
    const says = ({text, id}: FindingJson) => words.length > 0 &&
        words.every((word) => word.key === '' && `${id} ${text}`.toLowerCase().includes(word.value) !== word.not);
    const has = (finding: FindingJson) =>
        [...finding.groups, ...finding.consequences].some((group) => group.tasks.some((task) => left.has(task)));
    return all.filter(({finding}) => has(finding) || says(finding));
  }, [dump, route.q, tasks]);
}

function Item({dump, finding, href, current, onKey}: {
  dump: Dump; finding: FindingJson; href: string; current: boolean; onKey: (event: KeyboardEvent) => void;
}) {
  return (
    <a class={`finding-item ${finding.hidden === '' ? '' : 'hidden-finding'}`} href={href} onKeyDown={onKey}
       aria-current={current ? 'true' : undefined}>
      <span class="line">
        {finding.number !== 0 && <b class="number">{finding.number}</b>}
        <Badge tone={finding.hidden === '' ? finding.confidence : 'faint'}>{finding.id}</Badge>
        {finding.hidden !== '' && <Badge tone="faint">{finding.hidden}</Badge>}
        {finding.is_new && <Badge tone="new">new</Badge>}
        <span class="spring" />
        <span class="faint">{times(finding.count)}</span>
      </span>
      <span class="title">{dump.text(finding.title)}</span>
      <span class="line faint">
        <span class="where function">{dump.text(finding.place)}</span>
        <span class="spring" />
        {finding.age_ns !== null && <span title="The oldest of its waits">{duration(finding.age_ns)}</span>}
      </span>
    </a>
  );
}

export function FindingsView() {
  const {dump, route} = usePage();
  const found = useFiltered();
  const list = useRef<HTMLElement>(null);
  const [most, setMost] = useState(kMostItems);
  const wanted = route.choices['finding'];
  const chosen = found.find(({key}) => key === wanted) ?? (wanted === undefined ? found[0] : undefined);
  const linked = wanted === undefined ? undefined : dump.findings.find((finding, i) => keyOf(finding, i) === wanted);
  const wantedAt = chosen === undefined ? 0 : found.indexOf(chosen);
  const listed = found.slice(0, Math.max(most, wantedAt + 1));
  const shown = chosen?.finding ?? linked ?? found[0]?.finding;
  useEffect(() => {
    if (wanted !== undefined && matchMedia('(max-width: 60rem)').matches)
      document.querySelector('.finding-detail')?.scrollIntoView({block: 'start'});
  }, [wanted]);
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' || event.key === 'j' ? 1 : event.key === 'ArrowUp' || event.key === 'k' ? -1 : 0;
    const at = found.findIndex(({finding}) => finding === shown);
    const next = found[at + step];
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    choose(route, {finding: next.key}, true);
    if (at + step >= most) setMost(most + kMostItems);
    (list.current?.querySelectorAll('a')[at + step] as HTMLElement | undefined)?.focus();
  };
  return (
    <>
      <Overview />
      {found.length === 0 ? <NothingFound /> : (
        <div class="split">
          <nav ref={list} class="finding-list" aria-label={counted(found.length, 'finding')}>
            {listed.map(({finding, key}) => (
              <Item key={key} dump={dump} finding={finding} current={finding === shown} onKey={onKey}
                    href={routeHash({...route, choices: {finding: key}})} />
            ))}
            {listed.length < found.length && <button type="button" class="button" onClick={() => setMost(listed.length + kMostItems)}>
              {counted(found.length - listed.length, 'more finding')}</button>}
          </nav>
          {shown !== undefined && <FindingDetail key={dump.findings.indexOf(shown)} finding={shown} />}
        </div>
      )}
    </>
  );
}

function NothingFound() {
  const {dump, route} = usePage();
  const links = useLinks();
  if (dump.findings.length > 0 && route.q !== '') return <Empty>No finding fits the filter.</Empty>;
  return (
    <Empty>
      {dump.json.incomplete ? 'Nothing was found, but data is incomplete: that is no proof that nothing is wrong.'
                            : 'No findings.'}
      {dump.profiles.length > 0 && <> There is a profile: <a href={links.to('flame', {of: '0'})}>as a flame graph</a></>}
    </Empty>
  );
}
