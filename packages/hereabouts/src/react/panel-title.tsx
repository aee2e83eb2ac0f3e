import { createElement, type ReactElement, type Ref } from 'react';

/** Where in the page's outline a panel stands. */
export type HeadingLevel = 2 | 3 | 4 | 5;

/** The heading of a panel. `focus` makes it a place for the focus to go to. */
export function PanelTitle(props: {
  level: HeadingLevel;
  id: string;
  text: string;
  focus?: Ref<HTMLElement>;
}): ReactElement {
  const { level, id, text, focus } = props;
  return createElement(
    `h${level}`,
    { id, className: 'ha-panel-title', ...(focus && { ref: focus, tabIndex: -1 }) },
    text,
  );
}
