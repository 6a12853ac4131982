export { podsComponent } from './component';
