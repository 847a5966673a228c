// SPDX-License-Identifier: Apache-2.0
// use_width.ts: how wide an element is, now and whenever that changes.
import {useLayoutEffect, useState} from 'preact/hooks';

/** What to give to the element as its ref, and its width; 0 as long as there is none. */
export function useWidth(): [(element: HTMLElement | null) => void, number] {
  const [element, setElement] = useState<HTMLElement | null>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (element === null) return;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return [setElement, width];
}
