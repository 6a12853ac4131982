import { testSnapshots } from './components';

testSnapshots('pushgateway');
