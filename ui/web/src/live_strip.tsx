// SPDX-License-Identifier: Apache-2.0
// live_strip.tsx: what a running process does as time goes by, and what can be done about it.
import {useEffect, useLayoutEffect, useRef} from 'preact/hooks';
import uPlot from 'uplot';
import {usePage} from './context';
import {type Live, type Moment} from './live';
import {linkTo} from './route';
import {count, counted} from './words';

const kHeight = 96;
const kSeries: readonly [key: keyof Moment, label: string, color: string][] = [
  ['blocked', 'blocked', '--state-blocked'], ['stuck', 'blocked for ever', '--bar-stuck'],
  ['running', 'running', '--state-running'],
];

function columnsOf(history: readonly Moment[]): uPlot.AlignedData {
  return [history.map((moment) => moment.seconds), ...kSeries.map(([key]) => history.map((moment) => moment[key]))];
}

function Chart({history}: {history: readonly Moment[]}) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  useLayoutEffect(() => {
    const element = place.current!;
    const color = (name: string) => getComputedStyle(element).getPropertyValue(name).trim();
    const axis = {stroke: color('--faint'), grid: {stroke: color('--line'), width: 1}, font: '11px system-ui', ticks: {show: false}};
    plot.current = new uPlot({
      width: element.clientWidth, height: kHeight, legend: {show: false}, cursor: {y: false},
      axes: [{...axis, size: 22}, {...axis, size: 52, values: (_, ticks) => ticks.map((tick) => Number.isInteger(tick) ? count(tick) : '')}],
      scales: {y: {range: (_, __, most) => [0, Math.max(most * 1.1, 1)]}},
      series: [{}, ...kSeries.map(([, label, name]) => ({label, stroke: color(name), width: 2, points: {show: false}}))],
    }, columnsOf(history), element);
    const observer = new ResizeObserver(() => plot.current?.setSize({width: element.clientWidth, height: kHeight}));
    observer.observe(element);
    return () => { observer.disconnect(); plot.current?.destroy(); };
  }, []);
  useEffect(() => plot.current?.setData(columnsOf(history)), [history]);
  const last = history[history.length - 1];
  const text = last === undefined ? '' : kSeries.map(([key, label]) => `${count(last[key])} ${label}`).join(', ');
  return <div ref={place} class="chart" role="img" aria-label={`Tasks by state over time; now ${text}`} />;
}

export function LiveStrip({live}: {live: Live}) {
  const {dump, route} = usePage();
  const {history, isPaused, lost, newSince, togglePause, markNow} = live;
  const fresh = dump.freshCount;
  return (
    <section class="live" aria-label="Live">
      <div class="controls">
        <span class={`live-state ${lost !== '' ? 'lost' : isPaused ? 'paused' : ''}`} role="status">
          {lost !== '' ? `No newer data: ${lost}` : isPaused ? 'Paused' : 'Live'}
        </span>
        <button type="button" class="button" onClick={togglePause}>{isPaused ? 'Go on' : 'Pause'}</button>
        <a class="button" href="/snapshot" download>Take snapshot</a>
        <button type="button" class="button" onClick={markNow}>Mark what is new from now on</button>
        {fresh > 0 && <a href={linkTo(route, 'tasks', {}, 'is:new')}>{counted(fresh, 'task')} new since {newSince.toLocaleTimeString()}</a>}
        <span class="spring" />
        {kSeries.map(([key, label]) => <span key={key} class="faint"><i class={`dot line-${key}`} aria-hidden="true" />{label}</span>)}
      </div>
      <Chart history={history} />
    </section>
  );
}
