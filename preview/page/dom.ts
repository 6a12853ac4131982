type Child = Node | string | undefined;

type Properties<T> = Partial<Omit<T, 'style' | 'dataset'>> & {
  readonly style?: string;
  readonly dataset?: Readonly<Record<string, string>>;
};

/** Creates an element with properties and children. A text child is never parsed as HTML. */
export function createElement<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  { style, dataset, ...properties }: Properties<HTMLElementTagNameMap[K]> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  Object.assign(made, properties);
  Object.assign(made.dataset, dataset);
  if (style) made.style.cssText = style;
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** Creates a button that opens a box below it. Opening a box closes the box that was open. */
export function createMenu(label: string, title: string, ...children: readonly Child[]): HTMLDetailsElement {
  const summary = createElement('summary', { title, ariaLabel: title }, label);
  return createElement(
    'details',
    { className: 'menu', name: 'menu' },
    summary,
    createElement('div', {}, ...children),
  );
}

document.addEventListener('click', ({ target }) => {
  for (const open of document.querySelectorAll<HTMLDetailsElement>('details.menu[open]'))
    if (!open.contains(target as Node)) open.open = false;
});
