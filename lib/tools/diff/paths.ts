import type { Step } from './field-changes';

/** Formats a path: `spec.containers[prometheus].args[--web.listen-address]`, `data["a.yaml"]`. */
export function pathText(path: readonly Step[]): string {
  return path.map(stepText).join('').replace(/^\./, '') || '(the file)';
}

function stepText(step: Step): string {
  if ('member' in step) return `[${step.member}]`;
  return /^[\w-]+$/.test(step.field) ? `.${step.field}` : `[${JSON.stringify(step.field)}]`;
}
