# Runs the tour of docs/kind.md: make lab < docs/kind-tour.sh
show() { printf '\n$ %s\n' "$*"; eval "$*" 2>&1; }
flags="--manifests $OBJECTS --cluster-cidr 10.10.0.0/16,fd00:10:10::/56 --service-subnet 10.200.1.0/24,fd00:10:200::/112"
explain="swift-kube-proxy explain $flags"
diff="swift-kube-proxy diff $flags"

show on kind-worker ip -br -4 addr
show on kind-worker ip route
show on client ip route
show on client curl -sS http://10.200.1.80/
show "on kind-worker iptables-save -t nat | grep -E 'SERVICES.*default/echo:http|SVC-ZJMBFACUQCTMIK2C |SEP-UCIEROGBETQIFXGC '"
show on mypc curl -sS http://172.18.0.3:30080/
show on kind-worker conntrack -L -p tcp --dport 30080
show on mypc curl -sS http://172.18.0.4:30081/
show on kind-worker2 conntrack -L -p tcp --dport 30081
show on mypc curl -sS --max-time 1 http://172.18.0.5:30081/
show on kind-worker3 $explain --hostname-override kind-worker3 --from outside --to 172.18.0.5:30081
show on client curl -sS http://10.200.1.222/
show on mypc curl -sS http://172.18.0.5:8081/
show on kind-worker $diff --kernel --hostname-override kind-worker
show on kind-worker curl -sS http://127.0.0.1:10249/proxyMode
