export type { RemoteStoreOptions } from './options';
export { remoteStore } from './store-type';
