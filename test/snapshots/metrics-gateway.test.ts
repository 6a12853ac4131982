import { testSnapshots } from './components';

testSnapshots('metrics-gateway');
