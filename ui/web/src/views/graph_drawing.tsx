// SPDX-License-Identifier: Apache-2.0
// graph_drawing.tsx: nodes and edges laid out in layers and drawn, with zoom and panning.
import {graphlib, layout} from '@dagrejs/dagre';
import {useEffect, useMemo, useRef, useState} from 'preact/hooks';
import {type GraphNode, type WaitGraph} from '../wait_graph';

const kTitleCharacter = 7.2, kSubtitleCharacter = 6.4, kLabelCharacter = 5.6;  // pixels, of wide ones
const kLongest = 42;
const kSmallestFit = 0.6;  // of a graph that does not fit at a size that can be read, the beginning is shown

const kFew = 40;  // nodes, of which both ways are tried
const kUsual = {width: 1100, height: 500};  // of the place for the drawing

interface Box { node: GraphNode; x: number; y: number; width: number; height: number; title: string; subtitle: string }
interface Line { points: {x: number; y: number}[]; label: string; x: number; y: number; index: number }
interface Laid { boxes: Box[]; lines: Line[]; width: number; height: number }

function shortened(text: string): string { return text.length <= kLongest ? text : `${text.slice(0, kLongest - 1)}…`; }

/** From left to right, or, where that shows it larger, from above. */
function layOut(graph: WaitGraph): Laid {
  const across = layOutAlong(graph, 'LR');
  if (graph.nodes.length > kFew) return across;
  const down = layOutAlong(graph, 'TB');
  const sizeOf = ({width, height}: Laid) => Math.min(kUsual.width / width, kUsual.height / height, 1.25);
  return sizeOf(down) > sizeOf(across) ? down : across;
}

function layOutAlong(graph: WaitGraph, rankdir: 'LR' | 'TB'): Laid {
  const g = new graphlib.Graph({multigraph: true});
  g.setGraph({rankdir, nodesep: rankdir === 'LR' ? 18 : 40, ranksep: 26, marginx: 16, marginy: 16});
  const boxes = new Map<string, Box>();
  for (const node of graph.nodes) {
    const title = shortened(node.title), subtitle = shortened(node.subtitle);
    const width = Math.max(title.length * kTitleCharacter, subtitle.length * kSubtitleCharacter) + 26;
    const box: Box = {node, x: 0, y: 0, width, height: subtitle === '' ? 30 : 44, title, subtitle};
    boxes.set(node.id, box);
    g.setNode(node.id, {width: box.width, height: box.height});
  }
  const labels = graph.edges.map((edge) => edge.label.replace(/^(is|are) /, '') + (edge.count > 1 ? ` ×${edge.count.toLocaleString('en-US')}` : ''));
  graph.edges.forEach((edge, i) => g.setEdge(edge.from, edge.to, {
    weight: edge.kind === 'reach' ? 1 : 2, width: labels[i]!.length * kLabelCharacter + 8, height: 14, labelpos: 'c',
  }, String(i)));
  layout(g);
  for (const [id, box] of boxes) {
    const at = g.node(id) as {x: number; y: number};
    box.x = at.x;
    box.y = at.y;
  }
  const lines = g.edges().map((edge): Line => {
    const {points, x, y} = g.edge(edge) as {points: {x: number; y: number}[]; x?: number; y?: number};
    const middle = points[Math.floor(points.length / 2)];
    return {points, label: labels[Number(edge.name)]!, x: x ?? middle?.x ?? 0, y: y ?? middle?.y ?? 0, index: Number(edge.name)};
  });
  const size = g.graph() as {width?: number; height?: number};
  return {boxes: [...boxes.values()], lines, width: size.width ?? 0, height: size.height ?? 0};
}

function pathOf(points: readonly {x: number; y: number}[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  let path = `M${first.x},${first.y}`;
  for (let i = 0; i + 1 < rest.length; ++i) {
    const a = rest[i]!, b = rest[i + 1]!;
    const end = i + 2 === rest.length ? b : {x: (a.x + b.x) / 2, y: (a.y + b.y) / 2};
    path += `Q${a.x},${a.y} ${end.x},${end.y}`;
  }
  if (rest.length === 1) path += `L${rest[0]!.x},${rest[0]!.y}`;
  return path;
}

/** Shows all of it; then follows wheel and pointer. */
function useViewBox(width: number, height: number) {
  const [box, setBox] = useState({x: 0, y: 0, scale: 1});
  const svg = useRef<SVGSVGElement>(null);
  const fit = () => {
    const size = svg.current?.getBoundingClientRect();
    if (size === undefined || size.width === 0 || width === 0) return;
    const scale = Math.max(Math.min(size.width / width, size.height / height, 1.25), kSmallestFit);
    setBox({scale, x: Math.max(0, (size.width - width * scale) / 2), y: Math.max(0, (size.height - height * scale) / 2)});
  };
  useEffect(fit, [width, height]);
  const zoom = (factor: number, cx: number, cy: number) => setBox(({x, y, scale}) => {
    const next = Math.min(4, Math.max(0.05, scale * factor)), by = next / scale;
    return {scale: next, x: cx - (cx - x) * by, y: cy - (cy - y) * by};
  });
  const pan = (dx: number, dy: number) => setBox(({x, y, scale}) => ({x: x + dx, y: y + dy, scale}));
  useEffect(() => {
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const size = svg.current!.getBoundingClientRect();
      if (event.ctrlKey || event.metaKey || event.deltaMode !== 0 || Math.abs(event.deltaY) >= 50)
        zoom(Math.exp(-event.deltaY / 400), event.clientX - size.x, event.clientY - size.y);
      else pan(-event.deltaX, -event.deltaY);
    };
    const element = svg.current;
    element?.addEventListener('wheel', onWheel, {passive: false});
    return () => element?.removeEventListener('wheel', onWheel);
  }, []);
  return {svg, box, fit, zoom, pan};
}

export interface GraphDrawingProps {
  graph: WaitGraph;
  chosen: string;
  onChoose: (node: GraphNode) => void;
  onUnfold: (node: GraphNode) => void;
}

export function GraphDrawing({graph, chosen, onChoose, onUnfold}: GraphDrawingProps) {
  const laid = useMemo(() => layOut(graph), [graph]);
  const {svg, box, fit, zoom, pan} = useViewBox(laid.width, laid.height);
  const drag = useRef<{x: number; y: number} | null>(null);
  const middle = () => {
    const size = svg.current!.getBoundingClientRect();
    return [size.width / 2, size.height / 2] as const;
  };
  return (
    <div class="graph-frame">
      <div class="graph-tools">
        <button type="button" class="button" aria-label="Larger" onClick={() => zoom(1.3, ...middle())}>+</button>
        <button type="button" class="button" aria-label="Smaller" onClick={() => zoom(1 / 1.3, ...middle())}>−</button>
        <button type="button" class="button" onClick={fit}>Fit</button>
      </div>
      <svg ref={svg} class="graph" role="group" aria-label="Wait-for graph; the list of waits below says the same"
           onPointerDown={(event) => { drag.current = {x: event.clientX, y: event.clientY}; }}
           onPointerMove={(event) => {
             if (drag.current === null || event.buttons === 0) return;
             pan(event.clientX - drag.current.x, event.clientY - drag.current.y);
             drag.current = {x: event.clientX, y: event.clientY};
           }}
           onPointerUp={() => { drag.current = null; }}>
        <defs>
          {['plain', 'cycle', 'reach'].map((kind) => (
            <marker key={kind} id={`arrow-${kind}`} class={`arrow ${kind}`} viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" orient="auto">
              <path d="M0,0.5L8,4L0,7.5z" />
            </marker>
          ))}
        </defs>
        <g transform={`translate(${box.x},${box.y}) scale(${box.scale})`}>
          {laid.lines.map(({points, label, x, y, index}) => {
            const edge = graph.edges[index]!;
            const kind = edge.cycle ? 'cycle' : edge.kind === 'reach' ? 'reach' : 'plain';
            return (
              <g key={index} class={`edge ${edge.kind} ${edge.cycle ? 'cycle' : ''}`}>
                <path d={pathOf(points)} marker-end={`url(#arrow-${kind})`} />
                <text x={x} y={y + 4}>{label}</text>
              </g>
            );
          })}
          {laid.boxes.map(({node, x, y, width, height, title, subtitle}) => (
            <g key={node.id} transform={`translate(${x - width / 2},${y - height / 2})`} tabindex={0} role="button"
               class={`node ${node.kind} ${node.stuck ? 'stuck' : ''} ${node.finding !== 0 ? 'deadlocked' : ''} ${node.id === chosen ? 'chosen' : ''}`}
               aria-pressed={node.id === chosen}
               onClick={() => onChoose(node)} onDblClick={() => node.folded && onUnfold(node)}
               onKeyDown={(event) => {
                 if (event.key === 'Enter' || event.key === ' ') onChoose(node);
                 else if (event.key === 'ArrowRight' && node.folded) onUnfold(node);
                 else return;
                 event.preventDefault();
               }}>
              {node.folded && <rect class="shadow" x="4" y="4" width={width} height={height} rx={node.kind === 'object' ? 14 : 4} />}
              <rect width={width} height={height} rx={node.kind === 'object' ? 14 : 4} />
              <text class="title" x="13" y={subtitle === '' ? 19 : 18}>{title}</text>{' '}
              <text class="subtitle" x="13" y="34">{subtitle}</text>
            </g>
          ))}
        </g>
      </svg>
    </div>
  );
}
