// SPDX-License-Identifier: Apache-2.0
// timeline_row.tsx: the spans of one task between two times, drawn as coloured stretches; what is narrower than a
// pixel shares it, and the colour of what took most of it is shown.
import {useLayoutEffect, useRef} from 'preact/hooks';
import {type Window} from '../time_window';
import {type TimelineData} from '../timeline_data';

export interface TimelineRowProps {
  data: TimelineData;
  life: number;
  window: Window;
  width: number;
  height: number;
  /** By group of acts: a colour. */
  colours: ReadonlyMap<number, string>;
  /** A span to be marked; -1: none. */
  marked: number;
}

export function TimelineRow({data, life, window, width, height, colours, marked}: TimelineRowProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const scale = devicePixelRatio || 1, element = canvas.current!;
    element.width = Math.max(1, Math.round(width * scale));
    element.height = Math.round(height * scale);
    const context = element.getContext('2d');
    if (context === null) return;
    context.scale(scale, scale);
    draw(context, {data, life, window, width, height, colours, marked});
  }, [data, life, window.from, window.to, width, height, colours, marked]);
  return <canvas ref={canvas} class="life-canvas" style={{width: `${width}px`, height: `${height}px`}} aria-hidden="true" />;
}

function draw(context: CanvasRenderingContext2D, {data, life, window, width, height, colours, marked}: TimelineRowProps): void {
  const perPixel = (window.to - window.from) / width, last = data.first[life + 1]!;
  const top = 3, tall = height - 6;
  const fill = (group: number, left: number, wide: number) => {
    context.fillStyle = colours.get(group) ?? '#888';
    context.fillRect(left, top, wide, tall);
  };
  for (let i = data.spanAt(life, window.from); i >= 0 && i < last && data.spans.begin[i]! < window.to;) {
    const left = Math.max(0, (data.spans.begin[i]! - window.from) / perPixel);
    const right = Math.min(width, (data.spans.end[i]! - window.from) / perPixel);
    const group = data.acts.group[data.spans.act[i]!]!;
    if (right - left >= 1) {
      fill(group, left, right - left);
      if (i === marked) {
        context.strokeStyle = colours.get(-1)!;
        context.lineWidth = 2;
        context.strokeRect(left + 1, top + 1, Math.max(1, right - left - 2), tall - 2);
      }
      ++i;
      continue;
    }
    // All that lies in this pixel.
    const end = window.from + (Math.floor(left) + 1) * perPixel;
    const sums = new Map<number, number>();
    let hasMark = false;
    for (; i < last && data.spans.begin[i]! < end && (data.spans.end[i]! - data.spans.begin[i]!) < perPixel; ++i) {
      const one = data.acts.group[data.spans.act[i]!]!;
      sums.set(one, (sums.get(one) ?? 0) + data.spans.end[i]! - data.spans.begin[i]!);
      hasMark ||= i === marked;
    }
    if (sums.size === 0) { ++i; continue; }
    const most = [...sums].reduce((a, b) => (b[1] > a[1] ? b : a));
    fill(hasMark ? -1 : most[0], Math.floor(left), 1);
  }
}
