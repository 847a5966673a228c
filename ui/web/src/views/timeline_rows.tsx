// SPDX-License-Identifier: Apache-2.0
// timeline_rows.tsx: the rows of a timeline, with its axis: to be moved by dragging, wheel and keys.
import {useRef} from 'preact/hooks';
import {usePage} from '../context';
import {type TimeWindow, type Window} from '../time_window';
import {type Mark, tickStep, type TimelineData, timeText} from '../timeline_data';
import {useWidth} from '../use_width';
import {rowOfKey, VirtualList} from '../virtual_list';
import {counted, duration} from '../words';
import {Arrows} from './timeline_arrows';
import {TimelineRow} from './timeline_row';

const kRow = 24;
const kDrag = 4;  // pixels: what moves less is a click

function Axis({window, width}: {window: Window; width: number}) {
  const step = tickStep(window.to - window.from, Math.max(2, Math.floor(width / 110)));
  const ticks: number[] = [];
  for (let time = Math.ceil(window.from / step) * step; time <= window.to && ticks.length < 100; time += step) ticks.push(time);
  return (
    <span class="axis" aria-hidden="true">
      {ticks.map((time) => (
        <span key={time} style={{left: `${(time - window.from) / (window.to - window.from) * width}px`}}>{timeText(time, step)}</span>
      ))}
    </span>
  );
}

/** Whether a click is the end of a drag, and what to do meanwhile. */
function useDrag(window: TimeWindow, width: number) {
  const drag = useRef<{x: number; from: number; to: number} | null>(null);
  const wasDragged = useRef(false);
  return {
    wasDragged: () => wasDragged.current,
    handlers: {
      onPointerDown: (event: PointerEvent) => {
        wasDragged.current = false;
        if (event.button === 0) drag.current = {x: event.clientX, from: window.from, to: window.to};
      },
      onPointerMove: (event: PointerEvent) => {
        if (drag.current === null || width === 0) return;
        const {x, from, to} = drag.current, pixels = event.clientX - x;
        wasDragged.current ||= Math.abs(pixels) > kDrag;
        const time = pixels / width * (to - from);
        if (wasDragged.current) window.show(from - time, to - time);
      },
      onPointerUp: () => { drag.current = null; },
      onPointerLeave: () => { drag.current = null; },
    },
  };
}

function onKey(event: KeyboardEvent, data: TimelineData, lives: readonly number[], window: TimeWindow): void {
  const {life, span} = window;
  const row = rowOfKey(event, lives.indexOf(life), lives.length);
  if (event.key === 'ArrowLeft') { if (span > data.first[life]!) window.mark(life, span - 1); }
  else if (event.key === 'ArrowRight') { if (span >= 0 && span + 1 < data.first[life + 1]!) window.mark(life, span + 1); }
  else if (event.key === '+' || event.key === '=') window.zoom(0.5);
  else if (event.key === '-') window.zoom(2);
  else if (event.key === '[') window.move(-0.25);
  else if (event.key === ']') window.move(0.25);
  else if (event.key === '0') window.showAll();
  else if (event.key === 'Enter' && span >= 0) window.zoomToSpan();
  else if (event.key === 'Escape' && span >= 0) window.unmark();
  else if (row >= 0) window.markAt(lives[row]!, span >= 0 ? data.spans.begin[span]! : (window.from + window.to) / 2);
  else return;
  event.preventDefault();
}

export interface TimelineRowsProps {
  data: TimelineData;
  lives: readonly number[];
  window: TimeWindow;
  colours: ReadonlyMap<number, string>;
  marks: readonly Mark[];
}

export function TimelineRows({data, lives, window, colours, marks}: TimelineRowsProps) {
  const {dump} = usePage();
  const [measure, width] = useWidth();
  const {wasDragged, handlers} = useDrag(window, width);
  const timeOf = (event: MouseEvent) => {
    const box = (event.currentTarget as HTMLElement).querySelector('.life-track')?.getBoundingClientRect();
    return box === undefined ? window.from : window.from + (event.clientX - box.left) / box.width * window.length;
  };
  const onWheel = (event: WheelEvent) => {
    const zooms = event.ctrlKey || event.metaKey;
    if (!zooms && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
    event.preventDefault();
    if (zooms) window.zoom(event.deltaY > 0 ? 1.25 : 0.8, timeOf(event));
    else window.move(event.deltaX / Math.max(width, 1));
  };
  const spanText = (span: number) => `${dump.text(data.acts.word[data.spans.act[span]!]!)} for ${
      duration(data.spans.end[span]! - data.spans.begin[span]!)} from ${timeText(data.spans.begin[span]!, 1e3)}`;
  const active = lives.indexOf(window.life);
  return (
    <div class="life-frame" onWheel={onWheel} {...handlers}>
      <VirtualList count={lives.length} rowHeight={kRow} active={active} role="grid" label="Tasks over time"
        onKey={(event) => onKey(event, data, lives, window)}
        header={<div class="row head life-row" aria-hidden="true"><span>task</span><span class="life-track" ref={measure}>
          <Axis window={window} width={width} /></span></div>}
        attributes={(index) => ({
          role: 'row', 'aria-selected': index === active, class: `row life-row ${index === active ? 'active' : ''}`,
          onClick: (event) => { if (!wasDragged()) window.markAt(lives[index]!, timeOf(event)); },
        })}
        row={(index) => {
          const life = lives[index]!, marked = index === active ? window.span : -1;
          const stretches = counted(data.first[life + 1]! - data.first[life]!, 'stretch', 'stretches');
          return (
            <>
              <span class="task-name" role="gridcell">{dump.text(data.lives.label[life]!)}</span>
              <span class="life-track" role="gridcell" aria-label={marked < 0 ? stretches : spanText(marked)}>
                <TimelineRow data={data} life={life} window={window} width={width} height={kRow} colours={colours} marked={marked} />
              </span>
            </>
          );
        }}
        overlay={(first, count) => (
          <Arrows data={data} lives={lives} first={first} count={count} rowHeight={kRow} window={window} width={width} chosen={window.life}
                  marks={marks} />
        )} />
    </div>
  );
}
