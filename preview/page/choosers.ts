import type { Dashboard, Variable } from '../grafana/model';
import { ALL, type Asked, type Choices, parseLabelValues, replaceQueryVariables } from '../grafana/variables';
import { requestData } from './client';
import { createElement, createMenu } from './dom';

/** Requests the values of a dashboard's variables, and creates a menu for each variable. */
export async function createVariableMenus(
  { templating }: Dashboard,
  asked: Asked,
  choose: (name: string, values: readonly string[]) => void,
): Promise<HTMLElement[]> {
  const variables = (templating?.list ?? []).filter(({ type }) => type === 'query');
  return Promise.all(
    variables.map(async (variable) => {
      const values = await valuesOf(variable, asked);
      return createVariableMenu(variable, values, asked.choices, (chosen) =>
        choose(`var-${variable.name}`, chosen),
      );
    }),
  );
}

/** Requests the possible values of a variable, given the chosen values of the other variables. */
export async function valuesOf(variable: Variable, asked: Asked): Promise<readonly string[]> {
  const query = parseLabelValues(variable);
  if (!query)
    throw new Error(
      `variable "${variable.name}": the preview only supports the query label_values(SELECTOR, LABEL)`,
    );
  const { selector, label } = query;
  const span: Record<string, string> = { start: `${asked.range.from}`, end: `${asked.range.to}` };
  if (selector) span['match[]'] = replaceQueryVariables(selector, asked);
  const values = await requestData<string[]>(`/api/v1/label/${label}/values`, span);
  return [...values].sort((one, other) => one.localeCompare(other, 'en', { numeric: true }));
}

function createVariableMenu(
  { name, label = name, includeAll }: Variable,
  values: readonly string[],
  choices: Choices,
  choose: (chosen: readonly string[]) => void,
): HTMLElement {
  const chosen = (choices[name] ?? [ALL]).filter((value) => value !== ALL);
  const boxes = values.map((value) => {
    const box = createElement('input', { type: 'checkbox', checked: chosen.includes(value) });
    box.addEventListener('change', () =>
      choose(box.checked ? [...chosen, value] : chosen.filter((one) => one !== value)),
    );
    return createElement('label', {}, box, value);
  });
  const all = createElement('button', { type: 'button' }, 'All');
  all.addEventListener('click', () => choose([]));
  const made = createMenu(
    `${label}: ${chosen.length ? chosen.join(' + ') : 'All'}`,
    `Choose ${label}`,
    includeAll ? all : undefined,
    ...boxes,
  );
  made.dataset.variable = name;
  return made;
}
