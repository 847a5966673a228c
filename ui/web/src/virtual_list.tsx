// SPDX-License-Identifier: Apache-2.0
// virtual_list.tsx: a list of which only the rows in sight are in the document: a hundred thousand tasks stay fluid.
import {elementScroll, observeElementOffset, observeElementRect, Virtualizer} from '@tanstack/virtual-core';
import {type ComponentChildren} from 'preact';
import {useEffect, useLayoutEffect, useReducer, useRef, useState} from 'preact/hooks';

export interface RowAttributes {
  class: string;
  role: 'row';
  'aria-selected': boolean;
  'aria-level'?: number;
  'aria-expanded'?: boolean | undefined;
  onClick: (event: MouseEvent) => void;
}

export interface VirtualListProps {
  count: number;
  rowHeight: number;
  /** The row that the keyboard is at; it is kept in sight. */
  active: number;
  label: string;
  row: (index: number) => ComponentChildren;
  onKey: (event: KeyboardEvent) => void;
  /** Attributes of each row, beside its position: role, aria-selected, ... */
  attributes: (index: number) => RowAttributes;
  role: 'treegrid' | 'grid';
  header?: ComponentChildren;
  /** Drawn over the rows; scrolls with them. `first`, `count`: the rows in sight. */
  overlay?: (first: number, count: number) => ComponentChildren;
}

const kId = 'row-';
const kHeader = 28;  // pixels that the header covers

function useVirtualizer(scroller: {current: HTMLDivElement | null}, count: number, rowHeight: number) {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const options = {
    count, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 12,
    scrollPaddingStart: kHeader, scrollPaddingEnd: kHeader,
    scrollToFn: elementScroll, observeElementRect, observeElementOffset, onChange: () => redraw(undefined as never),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLDivElement, HTMLDivElement>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._willUpdate());
  useEffect(() => virtualizer._didMount(), []);
  useLayoutEffect(() => virtualizer.measure(), [rowHeight]);
  return virtualizer;
}

export function VirtualList(props: VirtualListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer(scroller, props.count, props.rowHeight);
  const shownActive = useRef(props.active);
  useEffect(() => {
    if (props.active >= 0 && props.active !== shownActive.current) virtualizer.scrollToIndex(props.active);
    shownActive.current = props.active;
  }, [props.active]);
  return (
    <div class="list">
      <div ref={scroller} class="rows" role={props.role} aria-label={props.label} aria-rowcount={props.count} tabIndex={0}
           aria-activedescendant={props.active >= 0 && props.active < props.count ? kId + props.active : undefined}
           onKeyDown={props.onKey}>
        {props.header}
        <div class="rows-inner" role="presentation" style={{height: `${virtualizer.getTotalSize()}px`}}>
          {virtualizer.getVirtualItems().map((item) => (
            <div {...props.attributes(item.index)} key={item.index} id={kId + item.index} aria-rowindex={item.index + 1}
                 style={{transform: `translateY(${item.start}px)`, height: `${item.size}px`}}>
              {props.row(item.index)}
            </div>
          ))}
          {props.overlay?.(virtualizer.getVirtualItems()[0]?.index ?? 0, virtualizer.getVirtualItems().length)}
        </div>
      </div>
    </div>
  );
}

/** The row that a key of the arrows, Home, End, Page Up or Page Down leads to; -1: it is none of these. */
export function rowOfKey(event: KeyboardEvent, active: number, count: number): number {
  const page = 20, last = count - 1;
  switch (event.key) {
    case 'ArrowDown': case 'j': return Math.min(last, active + 1);
    case 'ArrowUp': case 'k': return Math.max(0, active - 1);
    case 'PageDown': return Math.min(last, active + page);
    case 'PageUp': return Math.max(0, active - page);
    case 'Home': return 0;
    case 'End': return last;
    default: return -1;
  }
}
