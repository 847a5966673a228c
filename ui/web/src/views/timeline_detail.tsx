// SPDX-License-Identifier: Apache-2.0
// timeline_detail.tsx: one stretch of a task's life: what it did, where, and who let it go on.
import {useLinks, usePage} from '../context';
import {Facts, ObjectLink} from '../parts';
import {StackView} from '../stack_view';
import {type TimelineData, timeText} from '../timeline_data';
import {duration} from '../words';

export function SpanDetail({data, life, span, onLife}: {data: TimelineData; life: number; span: number; onLife: (life: number, time: number) => void}) {
  const {dump} = usePage();
  const links = useLinks();
  const act = data.spans.act[span]!, task = data.lives.task[life]!, stack = data.acts.stack[act]!;
  const begin = data.spans.begin[span]!, end = data.spans.end[span]!;
  const cause = data.causeOf(life, span);
  const label = dump.text(data.lives.label[life]!);
  const isLast = span === data.first[life + 1]! - 1;
  return (
    <aside class="panel" aria-label={`What ${label} did`}>
      <h2>{task === 0 ? label : <a class="ref" href={links.task(task)}>{label}</a>}: {dump.text(data.acts.word[act]!)}</h2>
      <Facts facts={[
        ['for', duration(end - begin) || '0 ns'], ['from', timeText(begin, 1e3)], ['to', timeText(end, 1e3)],
        ...(data.acts.object[act] === 0 ? [] : [['on', <ObjectLink object={data.acts.object[act]!} />] as const]),
        ...(cause === null ? [] : [['because', <>
          <button type="button" class="button" onClick={() => onLife(cause.from, cause.begin)}>{dump.text(data.lives.label[cause.from]!)}</button>
          {' '}{dump.text(cause.word)} it{cause.at - cause.begin > 0 && `, ${duration(cause.at - cause.begin)} before`}
        </>] as const]),
        ...(isLast ? [['then', data.lives.ended[life] === 1 ? 'it ended' : 'nothing more is known'] as const] : []),
      ]} />
      {stack !== 0 && <StackView stack={stack} label="Where it waits" />}
    </aside>
  );
}
