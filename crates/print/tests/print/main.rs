use hayro as _;use rqrr as _;
