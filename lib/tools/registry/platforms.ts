import type { Architecture } from '../../core/placement';

/** For which machines an image, or one member of an index, is built. */
export interface ImagePlatform {
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
}

/** Variants that a node of an architecture runs; an empty one is the architecture's usual one. */
const VARIANTS: Readonly<Record<Architecture, readonly string[]>> = {
  amd64: ['', 'v1'],
  arm64: ['', 'v8'],
  arm: ['', 'v5', 'v6', 'v7'],
};

/** Whether Linux nodes of an architecture can run one of these. */
export function runsOn(architecture: Architecture, platforms: readonly ImagePlatform[]): boolean {
  return platforms.some(
    (one) =>
      one.os === 'linux' &&
      one.architecture === architecture &&
      VARIANTS[architecture].includes(one.variant ?? ''),
  );
}

/** As people write it, such as `linux/arm/v7`. */
export const platformText = ({ os, architecture, variant }: ImagePlatform): string =>
  [os, architecture, variant].filter(Boolean).join('/');
