export { fluentBit } from './fluent-bit';
