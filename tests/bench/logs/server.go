// An API server that knows one job and serves the logs of its pods as a kubelet writes them, through a network that breaks.
//
//	server -pods 10 -lines 20000 -rate 1000 -cut 2s -how rst
//
// Prints a line of JSON when it is ready (url, ca), "ended" when the job has ended.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	quiet "log"
	"math/big"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

var (
	pods   = flag.Int("pods", 10, "pods of the job")
	lines  = flag.Int("lines", 20000, "lines of each pod")
	rate   = flag.Float64("rate", 1000, "lines a second of each pod")
	length = flag.Int("length", 85, "bytes of a line")
	cut    = flag.Duration("cut", 0, "break all connections so often")
	how    = flag.String("how", "rst", "how they break: rst, fin, or clean (logs end well, in the middle of a line)")
	began  = time.Now().Add(500 * time.Millisecond)

	lock  sync.Mutex
	state = 1 // 1: running, 2: the pods have ended, 3: the job has
	news  = make(chan struct{})
	conns = map[net.Conn]bool{}
	cuts  = make(chan struct{})
)

func due(line int) time.Time {
	return began.Add(time.Duration(float64(line) / *rate * float64(time.Second)))
}

// Standard output and error are stamped apart: some lines are stamped earlier than the one before.
func stamp(line int) time.Time {
	if line%7 == 3 {
		return due(line).Add(-300 * time.Millisecond)
	}
	return due(line)
}

func text(pod, line int) string {
	head := fmt.Sprintf("pod %d line %d ", pod, line)
	return head + strings.Repeat("x", max(0, *length-len(head)))
}

func object(kind, name string, at int) map[string]any {
	meta := map[string]any{"name": name, "uid": "u-" + name, "namespace": "default", "resourceVersion": strconv.Itoa(at),
		"creationTimestamp": began.UTC().Format(time.RFC3339)}
	if kind == "Job" {
		status := map[string]any{"active": *pods, "ready": *pods}
		if at >= 3 {
			status = map[string]any{"succeeded": *pods, "conditions": []any{map[string]any{"type": "Complete", "status": "True"}}}
		}
		return map[string]any{"apiVersion": "batch/v1", "kind": kind, "metadata": meta,
			"spec": map[string]any{"completions": *pods}, "status": status}
	}
	meta["ownerReferences"] = []any{map[string]any{"uid": "u-bench"}}
	meta["annotations"] = map[string]any{"batch.kubernetes.io/job-completion-index": strings.TrimPrefix(name, "pod-")}
	phase, container := "Running", map[string]any{"running": map[string]any{}}
	if at >= 2 {
		phase, container = "Succeeded", map[string]any{"terminated": map[string]any{"exitCode": 0}}
	}
	return map[string]any{"apiVersion": "v1", "kind": kind, "metadata": meta,
		"spec": map[string]any{"containers": []any{map[string]any{"name": "trainer"}}},
		"status": map[string]any{"phase": phase, "containerStatuses": []any{
			map[string]any{"name": "trainer", "restartCount": 0, "state": container}}}}
}

func objects(kind string, at int) []any {
	switch kind {
	case "Job":
		return []any{object(kind, "bench", at)}
	case "Pod":
		var out []any
		for i := range *pods {
			out = append(out, object(kind, fmt.Sprintf("pod-%d", i), at))
		}
		return out
	}
	return []any{}
}

// A list, or a watch of it.
func collection(kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		lock.Lock()
		now, change := state, news
		lock.Unlock()
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Query().Get("watch") == "" {
			json.NewEncoder(w).Encode(map[string]any{"kind": kind + "List", "items": objects(kind, now),
				"metadata": map[string]any{"resourceVersion": strconv.Itoa(now)}})
			return
		}
		seen, _ := strconv.Atoi(r.URL.Query().Get("resourceVersion"))
		w.WriteHeader(200)
		for {
			if now > seen {
				for _, one := range objects(kind, now) {
					json.NewEncoder(w).Encode(map[string]any{"type": "MODIFIED", "object": one})
				}
				seen = now
			}
			w.(http.Flusher).Flush()
			select {
			case <-change:
			case <-r.Context().Done():
				return
			}
			lock.Lock()
			now, change = state, news
			lock.Unlock()
		}
	}
}

// Each line is flushed as it is written, and some in two halves.
func log(w http.ResponseWriter, r *http.Request) {
	pod, _ := strconv.Atoi(strings.TrimPrefix(r.PathValue("pod"), "pod-"))
	query := r.URL.Query()
	if query.Get("previous") == "true" {
		http.Error(w, `{"kind":"Status","code":400,"message":"previous terminated container not found"}`, 400)
		return
	}
	var since time.Time
	if query.Get("sinceTime") != "" {
		since, _ = time.Parse(time.RFC3339, query.Get("sinceTime"))
	}
	lock.Lock()
	broken := cuts
	lock.Unlock()
	flusher := w.(http.Flusher)
	w.WriteHeader(200)
	flush := false
	for line := 0; line < *lines; line++ {
		wait := time.Until(due(line))
		if wait > 0 && query.Get("follow") != "true" {
			return
		}
		if wait > 0 {
			flusher.Flush()
			flush = true
			time.Sleep(wait)
		}
		if stamp(line).Before(since) {
			continue
		}
		whole := stamp(line).UTC().Format("2006-01-02T15:04:05.000000000Z") + " " + text(pod, line) + "\n"
		half := 0
		select {
		case <-broken:
			if *how == "clean" {
				fmt.Fprint(w, whole[:len(whole)/2])
				return
			}
		case <-r.Context().Done():
			return
		default:
			if line%5 == 0 && flush {
				half = len(whole) / 3
				fmt.Fprint(w, whole[:half])
				flusher.Flush()
			}
		}
		if _, err := fmt.Fprint(w, whole[half:]); err != nil {
			return
		}
		if flush {
			flusher.Flush()
		}
	}
}

func breakAll() {
	for range time.Tick(*cut) {
		lock.Lock()
		close(cuts)
		cuts = make(chan struct{})
		for conn := range conns {
			tcp := conn.(*tls.Conn).NetConn().(*net.TCPConn)
			switch *how {
			case "rst":
				tcp.SetLinger(0)
				tcp.Close()
			case "fin":
				tcp.Close()
			}
		}
		lock.Unlock()
	}
}

func advance(to int) {
	lock.Lock()
	state = to
	close(news)
	news = make(chan struct{})
	lock.Unlock()
}

func certificate() (tls.Certificate, string) {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	template := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bench"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(24 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func main() {
	flag.Parse()
	own, ca := certificate()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{own}})
	if err != nil {
		panic(err)
	}
	http.HandleFunc("GET /apis/batch/v1/namespaces/default/jobs", collection("Job"))
	for _, root := range []string{"GET /api", "GET /apis"} { // no kinds but the built-in ones
		http.HandleFunc(root, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"kind":"APIGroupDiscoveryList","items":[]}`)
		})
	}
	http.HandleFunc("GET /apis/batch/v1/namespaces/default/jobs/bench", func(w http.ResponseWriter, r *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(object("Job", "bench", state))
	})
	http.HandleFunc("GET /api/v1/namespaces/default/pods", collection("Pod"))
	http.HandleFunc("GET /api/v1/namespaces/default/events", collection("Event"))
	http.HandleFunc("GET /api/v1/namespaces/default/pods/{pod}/log", log)
	server := http.Server{ErrorLog: quiet.New(io.Discard, "", 0), ConnState: func(conn net.Conn, to http.ConnState) {
		lock.Lock()
		defer lock.Unlock()
		if to == http.StateNew {
			conns[conn] = true
		} else if to == http.StateClosed {
			delete(conns, conn)
		}
	}}
	if *cut > 0 {
		go breakAll()
	}
	go func() {
		time.Sleep(time.Until(due(*lines)) + 200*time.Millisecond)
		advance(2)
		time.Sleep(500 * time.Millisecond)
		advance(3)
		fmt.Println("ended")
	}()
	json.NewEncoder(os.Stdout).Encode(map[string]string{"url": "https://" + listener.Addr().String(), "ca": ca})
	panic(server.Serve(listener))
}
