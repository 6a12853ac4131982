import type { Step } from './field-changes';

/** Formats a path, such as `spec.containers[prometheus].args[--web.listen-address]` or `data["a.yaml"]`. */
export function formatPath(path: readonly Step[]): string {
  return path.map(formatPathStep).join('').replace(/^\./, '') || '(the file)';
}

function formatPathStep(step: Step): string {
  if ('member' in step) return `[${step.member}]`;
  return /^[\w-]+$/.test(step.field) ? `.${step.field}` : `[${JSON.stringify(step.field)}]`;
}
