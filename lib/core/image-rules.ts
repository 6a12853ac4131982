import { imageLock } from './image-lock';
import { image } from './image-reference';
import { type ImageArchitectures, type ImageOptions, images } from './images';
import { imageMirror } from './mirrors';
import { architectures } from './placement';
import { options } from './structure-rules';

/** How images may be named. */
export const imageOptions = options<ImageOptions>({
  mirror: imageMirror,
  overrides: options<object>(Object.fromEntries(Object.keys(images).map((name) => [name, image]))),
  lock: imageLock,
  architectures: options<ImageArchitectures>({ cloud: architectures, edge: architectures }),
});
