import type { RenderedObject } from './render';

type Manifest = RenderedObject['manifest'];

/** The pod that an object runs, if it runs any. */
export function podOf({ kind, spec }: Manifest): Manifest | undefined {
  if (kind === 'Pod') return spec;
  return (kind === 'CronJob' ? spec?.jobTemplate?.spec : spec)?.template?.spec;
}

/** Every image that an object runs. */
export function images(manifest: Manifest): string[] {
  const { initContainers = [], containers = [] } = podOf(manifest) ?? {};
  return [...initContainers, ...containers].map(({ image }: { image: string }) => image);
}
