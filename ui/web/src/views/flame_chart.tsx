// SPDX-License-Identifier: Apache-2.0
// flame_chart.tsx: draws a tree of frames as an icicle, widest where most is; of the tree only what can be seen.
//
// One frame has the keyboard; the arrows lead to its caller, what it calls, and its neighbours.
import {hierarchy, type HierarchyRectangularNode, partition} from 'd3-hierarchy';
import {useEffect, useMemo, useRef, useState} from 'preact/hooks';
import {type FlameNode} from '../flame_tree';
import {useWidth} from '../use_width';
import {percent} from '../words';

export type Rectangle = HierarchyRectangularNode<FlameNode>;
const kRow = 20;
const kNarrowest = 1.5;  // pixels: what is narrower is not drawn
const kNarrowestText = 30;

export interface FlameChartProps {
  root: FlameNode;
  label: string;
  /** "38 tasks", of a value. */
  valueText: (node: FlameNode) => string;
  /** Class that gives a frame its colour. */
  tone: (node: FlameNode) => string;
  search: string;
  /** Path of names to the frame that is zoomed in on. */
  zoom: readonly string[];
  onZoom: (path: string[]) => void;
}

function layOut(root: FlameNode): Rectangle {
  const tree = hierarchy(root, (node) => node.children)
      .sort((a, b) => b.data.value - a.data.value || (a.data.name < b.data.name ? -1 : 1));
  // Values of inner frames are sums already.
  tree.each((node) => { (node as {value?: number}).value = node.data.value; });
  return partition<FlameNode>().size([1, tree.height + 1])(tree);
}

export function pathOf(node: Rectangle): string[] {
  return node.ancestors().reverse().slice(1).map((one) => one.data.name);
}

function find(root: Rectangle, path: readonly string[]): Rectangle {
  let at = root;
  for (const name of path) {
    const child = at.children?.find((one) => one.data.name === name);
    if (child === undefined) return root;
    at = child;
  }
  return at;
}

/** What is wide enough: the ancestors of `zoom`, and what is below it. */
function visible(root: Rectangle, zoom: Rectangle, width: number): Rectangle[] {
  const all: Rectangle[] = zoom.ancestors().reverse();
  const scale = width / (zoom.x1 - zoom.x0);
  const add = (node: Rectangle) => {
    for (const child of node.children ?? []) {
      if ((child.x1 - child.x0) * scale < kNarrowest) continue;
      all.push(child);
      add(child);
    }
  };
  add(zoom);
  return root.data.value === 0 ? [] : all;
}

function neighbour(node: Rectangle, key: string): Rectangle | null | undefined {
  const siblings = node.parent?.children ?? [];
  switch (key) {
    case 'ArrowUp': case 'k': return node.parent;
    case 'ArrowDown': case 'j': return node.children?.[0];
    case 'ArrowLeft': case 'h': return siblings[siblings.indexOf(node) - 1];
    case 'ArrowRight': case 'l': return siblings[siblings.indexOf(node) + 1];
    default: return null;
  }
}

export function FlameChart({root, label, valueText, tone, search, zoom, onZoom}: FlameChartProps) {
  const [setElement, width] = useWidth();
  const rectangles = useMemo(() => layOut(root), [root]);
  const zoomed = useMemo(() => find(rectangles, zoom), [rectangles, zoom.join('\n')]);
  const drawn = useMemo(() => (width === 0 ? [] : visible(rectangles, zoomed, width)), [rectangles, zoomed, width]);
  const [active, setActive] = useState<Rectangle>(zoomed);
  const tree = useRef<HTMLDivElement>(null);
  useEffect(() => setActive(zoomed), [zoomed]);
  const needle = search.toLowerCase();
  const isHit = (node: FlameNode) => needle !== '' && `${node.name} ${node.place}`.toLowerCase().includes(needle);
  const matched = useMemo(() => (needle === '' ? 0 : sumOfHits(zoomed, isHit)), [zoomed, needle]);
  const scale = width / (zoomed.x1 - zoomed.x0);
  const depth = drawn.reduce((most, node) => Math.max(most, node.depth), 0);

  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter' || event.key === ' ') onZoom(pathOf(active));
    else if (event.key === 'Escape' || event.key === '0') onZoom(zoomed.parent === null ? [] : pathOf(zoomed.parent));
    else {
      const next = neighbour(active, event.key);
      if (next === null) return;
      if (next !== undefined && drawn.includes(next)) {
        setActive(next);
        tree.current?.querySelector<HTMLElement>(`[data-frame="${drawn.indexOf(next)}"]`)?.focus();
      }
    }
    event.preventDefault();
  };
  const text = (node: Rectangle) =>
      `${node.data.name}${node.data.place === '' ? '' : `, ${node.data.place}`}: ${valueText(node.data)}, ${percent(node.data.value, root.value)}`;
  return (
    <div class="flame" ref={setElement}>
      <div class="flame-status">
        <span class="function">{active.data.name}</span> <span class="place">{active.data.place}</span>
        <span class="spring" />
        <b>{valueText(active.data)}</b> <span class="faint">{percent(active.data.value, root.value)} of all{
          needle !== '' && `, ${percent(matched, zoomed.data.value)} match`}</span>
      </div>
      <div ref={tree} class="flame-tree" role="tree" aria-label={label} onKeyDown={onKey} style={{height: `${(depth + 1) * kRow}px`}}>
        {drawn.map((node, i) => {
          const isAncestor = node.depth < zoomed.depth;
          const left = isAncestor ? 0 : (node.x0 - zoomed.x0) * scale;
          const wide = isAncestor ? width : (node.x1 - node.x0) * scale;
          const classes = ['frame', tone(node.data), isAncestor ? 'ancestor' : '', node === active ? 'active' : '',
                           needle === '' ? '' : isHit(node.data) ? 'hit' : 'miss'].join(' ');
          return (
            <div key={pathOf(node).join('\n')} data-frame={i} class={classes} role="treeitem" aria-level={node.depth + 1}
                 aria-selected={node === active} aria-label={text(node)} tabIndex={node === active ? 0 : -1} title={text(node)}
                 style={{left: `${left}px`, width: `${Math.max(wide - 1, 1)}px`, top: `${node.depth * kRow}px`}}
                 onClick={() => onZoom(pathOf(node))} onMouseEnter={() => setActive(node)}>
              {wide > kNarrowestText && node.data.name}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Of frames that match, each task once: what is below one that matches is not counted again. */
function sumOfHits(node: Rectangle, isHit: (node: FlameNode) => boolean): number {
  if (isHit(node.data)) return node.data.value;
  return (node.children ?? []).reduce((sum, child) => sum + sumOfHits(child, isHit), 0);
}
