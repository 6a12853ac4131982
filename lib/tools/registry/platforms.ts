import type { Architecture } from '../../core/placement';

/** The platform of an image or of a member of an index. */
export interface ImagePlatform {
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
}

/** Variants that nodes of an architecture can run; an empty one is the default variant. */
const VARIANTS: Readonly<Record<Architecture, readonly string[]>> = {
  amd64: ['', 'v1'],
  arm64: ['', 'v8'],
  arm: ['', 'v5', 'v6', 'v7'],
};

/** Whether Linux nodes of an architecture can run one of the platforms. */
export function supportsArchitecture(
  architecture: Architecture,
  platforms: readonly ImagePlatform[],
): boolean {
  return platforms.some(
    (one) =>
      one.os === 'linux' &&
      one.architecture === architecture &&
      VARIANTS[architecture].includes(one.variant ?? ''),
  );
}

/** Formats a platform, such as `linux/arm/v7`. */
export const formatPlatform = ({ os, architecture, variant }: ImagePlatform): string =>
  [os, architecture, variant].filter(Boolean).join('/');
