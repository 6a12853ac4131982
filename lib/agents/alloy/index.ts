export { type AlloyOptions, alloy } from './alloy';
