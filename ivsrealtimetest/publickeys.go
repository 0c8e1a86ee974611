package ivsrealtimetest

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/md5"
	"crypto/x509"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

// publicKey is the state of a public key; its tags are in Server.tags.
type publicKey struct {
	arn         string
	name        string
	material    string // as sent
	key         *ecdsa.PublicKey
	fingerprint string
}

func (s *Server) importPublicKey(c *call, in *ivsrealtime.ImportPublicKeyInput) (*ivsrealtime.ImportPublicKeyOutput, error) {
	c.required("publicKeyMaterial", in.PublicKeyMaterial == "")
	key := c.publicKey(in.PublicKeyMaterial)
	c.str("name", in.Name, 0, 128, namePattern)
	c.tags(in.Tags)
	if err := c.err(); err != nil {
		return nil, err
	}
	for _, k := range s.publicKeys.after(0) {
		if k.key.Equal(key) {
			return nil, newError(codeConflict, "The public key was imported already.")
		}
	}
	if err := quotaError(s.publicKeys.len(), s.options.Quotas.PublicKeys, "public keys"); err != nil {
		return nil, err
	}
	k := &publicKey{
		arn:         s.arn("public-key", s.ids.uuid()),
		name:        in.Name,
		material:    in.PublicKeyMaterial,
		key:         key,
		fingerprint: fingerprint(key),
	}
	if err := s.addTags(k.arn, in.Tags); err != nil {
		return nil, err
	}
	s.publicKeys.add(k.arn, k)
	return &ivsrealtime.ImportPublicKeyOutput{PublicKey: s.showPublicKey(k)}, nil
}

// publicKey checks the member publicKeyMaterial and returns the key in it, nil
// when there is none on the curve P-384.
func (c *check) publicKey(material string) *ecdsa.PublicKey {
	const name = "publicKeyMaterial"
	if material == "" && !c.sent(name) {
		return nil
	}
	if !publicKeyRegexp().MatchString(material) {
		c.fail(name, "must satisfy regular expression pattern: %s", publicKeyPattern)
		return nil
	}
	key, err := ivstoken.ParsePublicKeyPEM([]byte(material))
	if err != nil {
		c.fail(name, "must hold one ECDSA public key on the curve P-384")
		return nil
	}
	return key
}

// publicKeyPattern is that of the API model. It applies to the whole string, and
// tolerates text around the block.
const publicKeyPattern = `.*-----BEGIN PUBLIC KEY-----\r?\n([a-zA-Z0-9+/=\r\n]+)\r?\n-----END PUBLIC KEY-----(\r?\n)?.*`

var publicKeyRegexp = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\A` + publicKeyPattern + `\z`) })

// fingerprint has the form of the service's: 16 bytes. How the service computes
// them is not documented; here they are the MD5 of the key in DER.
func fingerprint(key *ecdsa.PublicKey) string {
	der, _ := x509.MarshalPKIXPublicKey(key) // what was parsed can be marshalled
	sum := md5.Sum(der)
	return strings.ReplaceAll(fmt.Sprintf("% x", sum), " ", ":")
}

func (s *Server) getPublicKey(c *call, in *ivsrealtime.GetPublicKeyInput) (*ivsrealtime.GetPublicKeyOutput, error) {
	c.arn("arn", in.ARN, "public-key")
	k, err := existing(c, &s.publicKeys, in.ARN)
	if err != nil {
		return nil, err
	}
	return &ivsrealtime.GetPublicKeyOutput{PublicKey: s.showPublicKey(k)}, nil
}

func (s *Server) deletePublicKey(c *call, in *ivsrealtime.DeletePublicKeyInput) (*ivsrealtime.DeletePublicKeyOutput, error) {
	c.arn("arn", in.ARN, "public-key")
	if _, err := existing(c, &s.publicKeys, in.ARN); err != nil {
		return nil, err
	}
	s.publicKeys.delete(in.ARN)
	delete(s.tags, in.ARN)
	return &ivsrealtime.DeletePublicKeyOutput{}, nil
}

func (s *Server) listPublicKeys(c *call, in *ivsrealtime.ListPublicKeysInput) (*ivsrealtime.ListPublicKeysOutput, error) {
	c.page(in.NextToken, in.MaxResults, 100)
	if err := c.err(); err != nil {
		return nil, err
	}
	list := listing{op: "ListPublicKeys", token: in.NextToken, size: cmp.Or(in.MaxResults, 50)}
	found, next, err := page(s, &s.publicKeys, list, func(k *publicKey) (ivsrealtime.PublicKeySummary, bool) {
		return ivsrealtime.PublicKeySummary{ARN: k.arn, Name: k.name, Tags: s.tags[k.arn]}, true
	})
	if err != nil {
		return nil, err
	}
	return &ivsrealtime.ListPublicKeysOutput{PublicKeys: found, NextToken: next}, nil
}

func (s *Server) showPublicKey(k *publicKey) ivsrealtime.PublicKey {
	return ivsrealtime.PublicKey{
		ARN:               k.arn,
		Name:              k.name,
		PublicKeyMaterial: k.material,
		Fingerprint:       k.fingerprint,
		Tags:              s.tags[k.arn],
	}
}
