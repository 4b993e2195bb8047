package store

import (
	"errors"
	"fmt"
	"sync"
)

// ErrFull says that nothing fits any more.
var ErrFull = errors.New("full")

// Store keeps values by name.
type Store struct {
	mu     sync.Mutex
	values map[string][]byte
	limit  int `json:"limit"`
}

func New(limit int) *Store {
	return &Store{values: make(map[string][]byte), limit: limit}
}

func (s *Store) Put(name string, value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.values) >= s.limit {
		return fmt.Errorf("put %q: %w", name, ErrFull)
	}
	s.values[name] = append([]byte(nil), value...)
	return nil
}

func (s *Store) Each(visit func(name string, value []byte) bool) {
	for name, value := range s.values {
		switch {
		case len(value) == 0:
			continue
		case !visit(name, value):
			return
		}
	}
}
