/** What the Node.js of the image `node` has beyond the types of the oldest one that runs a synthesis. */
declare module 'node:zlib' {
  export function zstdDecompressSync(
    packed: NodeJS.ArrayBufferView,
    options: { maxOutputLength: number; chunkSize: number; params: Readonly<Record<number, number>> },
  ): Buffer;

  namespace constants {
    const ZSTD_d_windowLogMax: number;
  }
}

/** Not documented, and faster than what is. */
interface Buffer<TArrayBuffer extends ArrayBufferLike = ArrayBufferLike> extends Uint8Array<TArrayBuffer> {
  latin1Slice(start?: number, end?: number): string;
  utf8Slice(start?: number, end?: number): string;
  latin1Write(text: string, offset?: number, length?: number): number;
}
