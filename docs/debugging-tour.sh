# Reproduces the ten problems of docs/debugging.md: make lab < docs/debugging-tour.sh
cluster=$(dirname "$OBJECTS")
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
cp "$cluster/config/config.conf" "$work"
sed 's/minSyncPeriod: 1s/&\n  masqueradeAll: true/' "$work/config.conf" > "$work/new.conf"
cat > "$work/admin.conf" << EOF
apiVersion: v1
kind: Config
clusters: [{name: lab, cluster: {server: "https://172.18.0.2:6443", certificate-authority: $cluster/serviceaccount/ca.crt}}]
users: [{name: admin, user: {tokenFile: $cluster/serviceaccount/token}}]
contexts: [{name: lab, context: {cluster: lab, user: admin}}]
current-context: lab
EOF
cat > "$OBJECTS/problems.yaml" << 'EOF'
apiVersion: v1
kind: Service
metadata: {name: orders, namespace: default}
spec: {clusterIP: 10.200.1.82, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: orders-1, namespace: default, labels: {kubernetes.io/service-name: orders}}
addressType: IPv4
ports: [{name: http, port: 8080}]
endpoints:
- {addresses: [10.10.1.30], nodeName: kind-worker, conditions: {ready: false, serving: false, terminating: true}}
- {addresses: [10.10.2.30], nodeName: kind-worker2, conditions: {ready: false, serving: false, terminating: true}}
- {addresses: [10.10.2.31], nodeName: kind-worker2, conditions: {ready: false, serving: false, terminating: true}}
---
apiVersion: v1
kind: Service
metadata: {name: billing, namespace: default}
spec: {clusterIP: 10.200.1.83, ports: [{name: grpc, port: 9090}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: billing-1, namespace: default, labels: {kubernetes.io/service-name: billing}}
addressType: IPv4
ports: [{name: gprc, port: 9090}]
endpoints: [{addresses: [10.10.2.2], nodeName: kind-worker2}]
---
apiVersion: v1
kind: Service
metadata: {name: shop, namespace: default}
spec:
  type: LoadBalancer
  clusterIP: 10.200.1.84
  loadBalancerSourceRanges: [192.0.2.0/24, 198.51.100.0/24]
  ports: [{name: http, port: 80, targetPort: 8080}]
status: {loadBalancer: {ingress: [{ip: 203.0.113.84}]}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: shop-1, namespace: default, labels: {kubernetes.io/service-name: shop}}
addressType: IPv4
ports: [{name: http, port: 8080}]
endpoints: [{addresses: [10.10.1.2], nodeName: kind-worker}]
EOF
cd "$work"

# show HOST COMMAND: prints a prompt and the command, runs it on the host, and prints its exit status if that is not 0.
show() {
  printf '\n%s$ %s\n' "$1" "$2"
  on "$1" bash -c "NODE='--kernel --kubeconfig admin.conf --config config.conf --service-subnet auto --hostname-override $1'; $2" 2>&1 \
    || echo "(exit status $?)"
}
ask="swift-kube-proxy explain --kernel --kubeconfig admin.conf --config config.conf --service-subnet auto --hostname-override"
# until_known HOST waits until the host's proxy knows the Services above. until_equal HOST waits until its rules equal
# the plan.
until_known() { until on "$1" $ask "$1" --to default/shop > /dev/null 2>&1; do sleep 0.1; done; }
until_equal() { until on "$1" ${ask/explain/diff} "$1" > /dev/null 2>&1; do sleep 0.1; done; }
proxy() { for p in $(ip netns pids "$(on "$1" ip netns identify)"); do
    [[ $(< "/proc/$p/comm") != swift-kube-prox* ]] || echo "$p"; done; }
for node in kind-worker kind-worker3; do until_known "$node" && until_equal "$node"; done

echo; echo '== 1. A Service refuses connections'
show client 'curl -sS -m 3 http://10.200.1.82/'
show kind-worker 'swift-kube-proxy explain $NODE --to service default/orders'

echo; echo '== 2. A node port answers on some nodes and is silent on others'
show mypc 'curl -sS -m 3 http://172.18.0.5:30081/'
show kind-worker3 'swift-kube-proxy explain $NODE --from 172.18.0.100 --to 172.18.0.5:30081'

echo; echo "== 3. The application sees a node's address instead of its client's"
show mypc 'curl -sS -m 3 http://172.18.0.3:30080/'
show kind-worker 'swift-kube-proxy explain $NODE --from 172.18.0.100 --to 172.18.0.3:30080'

echo; echo '== 4. Endpoints are ready, and the Service has none'
show kind-worker 'swift-kube-proxy explain $NODE --to default/billing:grpc'

echo; echo '== 5. After a firewall reload nothing works'
kill -STOP $(proxy kind-worker)
on kind-worker iptables -F FORWARD
on kind-worker iptables -t nat -F OUTPUT
on kind-worker iptables -t nat -I PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 3128
show kind-worker 'swift-kube-proxy diff $NODE --ip-family ipv4'
show kind-worker 'swift-kube-proxy explain $NODE --from host --to default/echo --ip-family ipv4'
on kind-worker iptables -t nat -D PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 3128
kill -CONT $(proxy kind-worker)
until_equal kind-worker
show kind-worker 'swift-kube-proxy diff $NODE --ip-family ipv4'

echo; echo '== 6. Pods cannot reach Services, only the host can'
on kind-worker iptables -P FORWARD DROP
show kind-worker 'swift-kube-proxy explain $NODE --to default/echo --ip-family ipv4'
on kind-worker iptables -P FORWARD ACCEPT

echo; echo "== 7. A load balancer's clients are dropped"
show kind-worker 'swift-kube-proxy explain $NODE --from 10.9.0.1 --to 203.0.113.84:80'

echo; echo '== 8. Traffic to an address that no Service has'
show kind-worker 'swift-kube-proxy explain $NODE --to 10.200.1.99:80'
show kind-worker 'swift-kube-proxy explain $NODE --to 10.200.1.80:8080'

echo; echo '== 9. Every third connection fails'
kill -STOP $(proxy kind-worker)
on kind-worker iptables -t nat -D KUBE-SVC-ZJMBFACUQCTMIK2C 4
show kind-worker 'swift-kube-proxy diff $NODE --ip-family ipv4'
show kind-worker 'swift-kube-proxy explain $NODE --to default/echo --ip-family ipv4'
kill -CONT $(proxy kind-worker)
until_equal kind-worker

echo; echo '== 10. Before a change, and with two sets of iptables programs'
show kind-worker 'swift-kube-proxy diff $NODE --ip-family ipv4 --against config:new.conf'
show kind-worker 'swift-kube-proxy diff $NODE --iptables-backend legacy --ip-family ipv4'
